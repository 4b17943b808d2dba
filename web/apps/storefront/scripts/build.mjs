// Builds the standalone server. By default in compile mode, which needs no running API: pages are rendered and kept on
// their first visit. With API_ORIGIN set and PRERENDER=1 the listed pages are rendered into the build as well.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const app = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..')
const next = createRequire(path.join(app, 'package.json')).resolve('next/dist/bin/next')
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }

function run(...args) {
  const done = spawnSync(process.execPath, [next, 'build', ...args], { cwd: app, env, stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

run('--experimental-build-mode', 'compile')
if (process.env.PRERENDER === '1') run('--experimental-build-mode', 'generate')

// The standalone server serves these two folders itself when nothing stands in front of it.
const standalone = path.join(app, '.next/standalone/apps/storefront')
cpSync(path.join(app, '.next/static'), path.join(standalone, '.next/static'), { recursive: true })
if (existsSync(path.join(app, 'public'))) {
  cpSync(path.join(app, 'public'), path.join(standalone, 'public'), { recursive: true })
}
