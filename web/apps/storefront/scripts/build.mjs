// Builds the standalone server, without needing a running API.
//
// Next writes down which routes are static only while it prerenders them. So it prerenders once against an API that
// answers the fewest words the types allow, and those pages are then thrown away: every page is rendered from the real
// API on its first visit and kept from then on. The marker proves that no page made from the skeleton is left.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

const MARKER = 'skeleton-shop-of-the-build'
const app = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..')
const next = createRequire(path.join(app, 'package.json')).resolve('next/dist/bin/next')

const skeleton = {
  '/store': {
    name: MARKER,
    locales: ['en', 'de', 'nl', 'fr'],
    default_locale: 'en',
    currencies: ['EUR'],
    default_currency: 'EUR',
    default_country: 'DE',
    countries: [],
    contact: { email: '', phone: '', address: '' },
    return_days: 14,
  },
  '/content/home': {
    hero: { title: MARKER, text: '', cta_label: '', cta_href: '/' },
    rooms: [],
    story: { title: '', body_html: '' },
    new_arrivals: [],
    best_sellers: [],
    reviews: [],
  },
  '/content/menus/main': { items: [] },
  '/content/menus/footer': { items: [] },
  '/content/faq': { groups: [] },
  '/content/pages': { items: [] },
  '/catalog/categories': { items: [] },
}

function build(mode, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [next, 'build', '--experimental-build-mode', mode], {
      cwd: app,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
      stdio: 'inherit',
    })
    child.on('error', reject)
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`next build (${mode}) ended with ${code}`)),
    )
  })
}

function discardPrerendered(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const name = entry.name
    if (name.startsWith('_')) continue
    const full = path.join(folder, name)
    if (entry.isDirectory()) {
      if (name.endsWith('.segments')) rmSync(full, { recursive: true })
      else discardPrerendered(full)
    } else if (/\.(html|rsc|meta|body)$/.test(name)) rmSync(full)
  }
}

function refuseMarker(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) refuseMarker(full)
    else if (readFileSync(full, 'utf8').includes(MARKER))
      throw new Error(`${full} was rendered from the skeleton API`)
  }
}

const server = createServer((request, response) => {
  const answer = skeleton[new URL(request.url ?? '/', 'http://skeleton').pathname.replace('/api/v1', '')]
  response.writeHead(answer ? 200 : 404, {
    'content-type': answer ? 'application/json' : 'application/problem+json',
  })
  response.end(JSON.stringify(answer ?? { status: 404, code: 'http.not_found', title: 'Not found' }))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const address = server.address()
const env = {
  API_ORIGIN: `http://127.0.0.1:${address.port}`,
  PUBLIC_URL: 'http://localhost:8000',
  REDIS_URL: '',
}
try {
  await build('compile', env)
  await build('generate', env)
} finally {
  server.close()
  server.closeAllConnections()
}

const standalone = path.join(app, '.next/standalone/apps/storefront')
for (const root of [app, standalone]) {
  discardPrerendered(path.join(root, '.next/server/app'))
  refuseMarker(path.join(root, '.next/server/app'))
  rmSync(path.join(root, '.next/cache/fetch-cache'), { recursive: true, force: true })
}

// nginx hands these out as they lie here (gzip_static), better compressed than it would do by itself.
function precompress(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) precompress(full)
    else if (/\.(js|css|svg|json)$/.test(entry.name))
      writeFileSync(`${full}.gz`, gzipSync(readFileSync(full), { level: 9 }))
  }
}
precompress(path.join(app, '.next/static'))

// The standalone server serves these two folders itself when nothing stands in front of it.
cpSync(path.join(app, '.next/static'), path.join(standalone, '.next/static'), { recursive: true })
if (existsSync(path.join(app, 'public'))) {
  cpSync(path.join(app, 'public'), path.join(standalone, 'public'), { recursive: true })
}
