import { defineConfig } from 'vite'

/**
 * `npm run dev -w apps/admin` shows the application against a running shop (STOA_ORIGIN), or against the small stand-in of
 * the tests with STOA_FAKE=1.
 */
const ORIGIN = process.env.STOA_ORIGIN ?? 'http://localhost:8000'

export default defineConfig(({ command }) => ({
  base: '/admin/',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onLog(level, log, handle) {
        // "use client" means something to Next.js only.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log)
      },
    },
  },
  server: {
    port: 5173,
    ...(process.env.STOA_FAKE ? {} : { proxy: { '/api': ORIGIN, '/media': ORIGIN } }),
  },
  plugins:
    command === 'serve' && process.env.STOA_FAKE
      ? [
          {
            name: 'stand-in-for-the-api',
            async configureServer(server) {
              const { middleware } = await import('./test/fake-server')
              server.middlewares.use(middleware())
            },
            async configurePreviewServer(server) {
              const { middleware } = await import('./test/fake-server')
              server.middlewares.use(middleware())
            },
          },
        ]
      : [],
}))
