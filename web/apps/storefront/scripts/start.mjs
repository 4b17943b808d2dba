// Starts the standalone server that scripts/build.mjs made.
import path from 'node:path'

process.env.NEXT_TELEMETRY_DISABLED = '1'
const app = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..')
await import(path.join(app, '.next/standalone/apps/storefront/server.js'))
