// Proves the shared invalidation of the built server: two instances, one Redis, a counting API.
// Usage: npm run check:cache -w apps/storefront [-- FOLDER]     (needs redis-server, and a build: the one of this tree, or the
// standalone folder that is named)
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSocket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

const app = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..')
const standalone = path.resolve(process.argv[2] ?? path.join(app, '.next/standalone'))
const SERVER = 'apps/storefront/server.js'
if (!existsSync(path.join(standalone, SERVER))) {
  console.error('Nothing is built: run npm run build first.')
  process.exit(1)
}
if (spawnSync('redis-server', ['--version']).status !== 0) {
  console.error('redis-server is not installed: the shared cache cannot be checked.')
  process.exit(1)
}

const SECRET = 'secret-of-the-cache-check'
const freePort = () =>
  new Promise((resolve, reject) => {
    const socket = createSocket().on('error', reject)
    socket.listen(0, '127.0.0.1', () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
const [apiPort, redisPort, portA, portB] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
const folder = mkdtempSync(path.join(tmpdir(), 'stoa-cache-'))
const children = new Set()
let version = 1

const api = createServer((request, response) => {
  const route = new URL(request.url ?? '/', 'http://api').pathname.replace('/api/v1', '')
  const answers = {
    '/store': {
      name: 'Check',
      locales: ['en'],
      currencies: ['EUR'],
      default_currency: 'EUR',
      default_country: 'DE',
      countries: [],
      contact: { email: '', phone: '', address: '' },
      return_days: 14,
    },
    '/content/menus/main': { items: [] },
    '/content/menus/footer': { items: [] },
    '/content/faq': { groups: [{ title: `version-${version}`, items: [] }] },
  }
  const answer = answers[route]
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify(answer ?? { status: 404, code: 'http.not_found' }))
})

function start(command, args, env = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  child.log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (child.log += data))
  children.add(child)
  child.on('exit', () => children.delete(child))
  return child
}
const gone = (child, signal = 'SIGTERM') =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.on('exit', resolve)
    child.kill(signal)
    setTimeout(() => child.kill('SIGKILL'), 5000).unref()
  })
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function until(what, test) {
  // Others may want the machine as well.
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    if (await test().catch(() => false)) return
    await pause(100)
  }
  throw new Error(`Waited in vain: ${what}`)
}
// It forgets everything when it ends, as one without a disk does.
async function redis() {
  const child = start('redis-server', [
    '--port',
    String(redisPort),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
  ])
  await until('Redis', async () => child.log.includes('Ready to accept connections'))
  return child
}
/** Each has a disk of its own, and keeps it. */
async function instance(port) {
  const own = path.join(folder, String(port))
  if (!existsSync(own)) cpSync(realpathSync(standalone), own, { recursive: true, verbatimSymlinks: true })
  const child = start(process.execPath, [path.join(own, SERVER)], {
    PORT: String(port),
    HOSTNAME: '127.0.0.1',
    API_ORIGIN: `http://127.0.0.1:${apiPort}`,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    REDIS_URL: `redis://127.0.0.1:${redisPort}/0`,
    REVALIDATE_SECRET: SECRET,
    CACHE_NAMESPACE: 'check',
  })
  await until(`instance on ${port}`, async () => (await fetch(`http://127.0.0.1:${port}/internal/health`)).ok)
  return child
}
async function seen(port) {
  const response = await fetch(`http://127.0.0.1:${port}/en/faq`)
  assert.equal(response.status, 200)
  return /version-(\d+)/.exec(await response.text())?.[1]
}
async function invalidate(port, mode = 'price') {
  const body = JSON.stringify({ tags: ['content:faq'], mode })
  const timestamp = String(Math.floor(Date.now() / 1000))
  const response = await fetch(`http://127.0.0.1:${port}/internal/revalidate`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-stoa-signature': createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex'),
      'x-stoa-timestamp': timestamp,
    },
  })
  assert.equal(response.status, 200, await response.text())
}
const step = (text) => console.log(`ok  ${text}`)

let failed = false
try {
  await new Promise((resolve) => api.listen(apiPort, '127.0.0.1', resolve))
  let store = await redis()
  let a = await instance(portA)
  let b = await instance(portB)

  assert.equal(await seen(portA), '1')
  assert.equal(await seen(portB), '1')
  version = 2
  assert.equal(await seen(portA), '1')
  step('a page is kept until something says otherwise')

  const unsigned = await fetch(`http://127.0.0.1:${portA}/internal/revalidate`, {
    method: 'POST',
    body: '{"tags":["content:faq"],"mode":"price"}',
  })
  assert.equal(unsigned.status, 401)
  assert.equal(await seen(portA), '1')
  step('an unsigned call changes nothing')

  await invalidate(portA)
  assert.equal(await seen(portA), '2')
  step('a price call makes the very next page new')
  await until('the other instance', async () => (await seen(portB)) === '2')
  step('the other instance heard of it')

  version = 3
  await invalidate(portA, 'text')
  await until('a text call', async () => (await seen(portA)) === '3')
  step('a text call makes a page new after one more visit')

  await until('a text call elsewhere', async () => (await seen(portB)) === '3')

  // Nobody hears of a message at once, and the first visitor must not get what the message is about.
  const HEARD_MS = 2000
  version = 31
  await invalidate(portA)
  await pause(HEARD_MS)
  assert.equal(await seen(portB), '31')
  step('a price call after a text call makes the very next page of the other instance new')
  version = 32
  await invalidate(portA)
  await invalidate(portA, 'text')
  await pause(HEARD_MS)
  assert.equal(await seen(portA), '32')
  assert.equal(await seen(portB), '32')
  step('a text call after a price call does not take it back')

  version = 4
  await gone(b)
  await invalidate(portA)
  b = await instance(portB)
  assert.equal(await seen(portB), '4')
  assert.equal(await seen(portA), '4')
  step('an instance that was away learns what it missed')

  await gone(store, 'SIGKILL')
  version = 5
  const before = Date.now()
  assert.equal(await seen(portA), '4')
  assert.ok(Date.now() - before < 5000)
  await invalidate(portA)
  assert.equal(await seen(portA), '5')
  step('without Redis pages are served and this instance still obeys')

  // Its disk has version 4, and nobody could tell it otherwise.
  await gone(b)
  b = await instance(portB)
  store = await redis()
  const AGAIN_MS = 4000 // both look for it every two seconds
  await pause(AGAIN_MS)
  assert.equal(await seen(portB), '5')
  step('what was invalidated without Redis is told when it is back')
  version = 6
  await invalidate(portA)
  await pause(HEARD_MS)
  assert.equal(await seen(portA), '6')
  assert.equal(await seen(portB), '6')
  step('an instance that was started without Redis hears the others')

  // An empty Redis learns from who still knows, so that nobody's disk brings an old page back.
  await gone(b)
  version = 7
  await invalidate(portA)
  await gone(store, 'SIGKILL')
  store = await redis()
  await pause(AGAIN_MS)
  b = await instance(portB)
  assert.equal(await seen(portB), '7')
  step('a Redis that forgot everything is told again')

  // Neither does a Redis that takes calls and answers none hold up a page.
  store.kill('SIGSTOP')
  await gone(a)
  a = await instance(portA)
  const asked = Date.now()
  await seen(portA)
  assert.ok(Date.now() - asked < 5000)
  store.kill('SIGCONT')
  step('a Redis that hangs holds up no page for long')
  await gone(a)
  await gone(b)
  await gone(store)
} catch (error) {
  failed = true
  console.error(error)
  for (const child of children) console.error(child.log.slice(-2000))
} finally {
  for (const child of [...children]) await gone(child, 'SIGKILL')
  api.close()
  api.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
