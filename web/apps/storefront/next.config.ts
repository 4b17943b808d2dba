import path from 'node:path'
import type { NextConfig } from 'next'
import createNextIntlPlugin from 'next-intl/plugin'
import { pathRedirects, pathRewrites } from './src/config/paths'

const dev = process.env.NODE_ENV === 'development'

// Cached pages cannot carry a nonce, so inline scripts are allowed; everything else comes from this origin only.
const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${dev ? " 'unsafe-eval'" : ''}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  `connect-src 'self'${dev ? ' ws:' : ''}`,
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const config: NextConfig = {
  output: 'standalone',
  outputFileTracingRoot: path.join(import.meta.dirname, '../..'),
  outputFileTracingIncludes: { '/**': ['./cache/*.cjs'] },
  cacheComponents: true,
  partialPrefetching: true,
  poweredByHeader: false,
  compress: false, // nginx does it
  typescript: { ignoreBuildErrors: true }, // `npm run typecheck` is the gate; a build does not check twice
  transpilePackages: ['@stoa/ui', '@stoa/api-client'],
  cacheHandler: path.join(import.meta.dirname, 'cache/isr.cjs'),
  cacheHandlers: { default: path.join(import.meta.dirname, 'cache/use-cache.cjs') },
  // Cached pages carry their metadata in the head for everybody: no reader needs a rendering of its own.
  htmlLimitedBots: /^\b$/,
  cacheMaxMemorySize: 64 * 1024 * 1024,
  cacheLife: {
    // Tags decide freshness; the hour is only the net under a lost notification.
    catalogue: { stale: 60, revalidate: 3600, expire: 60 * 60 * 24 * 30 },
    // An answer "no such thing" is worth asking again soon.
    missing: { stale: 60, revalidate: 60, expire: 600 },
  },
  experimental: { globalNotFound: true },
  async headers() {
    return [
      {
        source: '/:path*',
        headers: [
          { key: 'Content-Security-Policy', value: contentSecurityPolicy },
          { key: 'X-Content-Type-Options', value: 'nosniff' },
          { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
          { key: 'X-Frame-Options', value: 'DENY' },
          {
            key: 'Permissions-Policy',
            value: 'camera=(), microphone=(), geolocation=(), browsing-topics=()',
          },
          { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
        ],
      },
    ]
  },
  async redirects() {
    return pathRedirects()
  },
  async rewrites() {
    return { beforeFiles: pathRewrites(), afterFiles: [], fallback: [] }
  },
}

export default createNextIntlPlugin({
  requestConfig: './src/i18n/request.ts',
  experimental: {
    messages: { path: './messages', format: 'json', locales: 'infer', precompile: true },
  },
})(config)
