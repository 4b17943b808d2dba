// Shares invalidations (tag -> when it became stale or expired) between instances and across restarts, through one
// Redis hash and a channel. Page data itself stays in each instance's memory and disk: no request waits for Redis.
// Imports Next's internals: the version is pinned, and scripts/check-cache.mjs starts two instances to prove it works.
const { tagsManifest } = require('next/dist/server/lib/incremental-cache/tags-manifest.external')

const KEY = `storefront:tags:${process.env.CACHE_NAMESPACE ?? 'v1'}`
const KEEP = 20_000
const shared = globalThis

function connect(url) {
  const Redis = require('ioredis')
  const options = {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    lazyConnect: true,
    connectTimeout: 500,
  }
  const commands = new Redis(url, options)
  const subscriber = new Redis(url, { ...options, enableOfflineQueue: true })
  let warned = false
  const note = (error) => {
    if (!warned)
      console.warn(`storefront cache: Redis is away (${error.message}); invalidations stay in this process`)
    warned = true
  }
  commands.on('error', note)
  subscriber.on('error', () => {})

  const newest = (a, b) => (a === undefined ? b : b === undefined ? a : Math.max(a, b))
  const apply = (tag, text) => {
    const known = tagsManifest.get(tag) ?? {}
    const told = JSON.parse(text)
    tagsManifest.set(tag, {
      ...known,
      ...told,
      stale: newest(known.stale, told.stale),
      expired: newest(known.expired, told.expired),
    })
  }
  const load = async () => {
    const all = Object.entries(await commands.hgetall(KEY))
    for (const [tag, text] of all) apply(tag, text)
    // What was invalidated longest ago is the safest to forget: those pages have been rendered anew since.
    if (all.length > KEEP) {
      const time = (text) =>
        Math.max(0, ...Object.values(JSON.parse(text)).filter((v) => typeof v === 'number'))
      const oldest = all.sort((a, b) => time(a[1]) - time(b[1])).slice(0, all.length - KEEP)
      await commands.hdel(KEY, ...oldest.map(([tag]) => tag))
    }
  }
  const state = { ready: Promise.resolve(), publish }
  commands.on('ready', () => {
    warned = false
    state.ready = load().catch(note)
  })
  subscriber.on('message', (_channel, message) => {
    const { tag, text } = JSON.parse(message)
    apply(tag, text)
  })
  state.ready = Promise.race([
    commands.connect().then(load),
    new Promise((resolve) => setTimeout(resolve, 800)),
  ]).catch(note)
  subscriber
    .connect()
    .then(() => subscriber.subscribe(KEY))
    .catch(() => {})

  async function publish(tags) {
    const pipeline = commands.pipeline()
    for (const tag of tags) {
      const text = JSON.stringify(tagsManifest.get(tag) ?? {})
      pipeline.hset(KEY, tag, text)
      pipeline.publish(KEY, JSON.stringify({ tag, text }))
    }
    await pipeline.exec().catch(note)
  }
  return state
}

if (!shared.__storefrontTags) {
  const url = process.env.REDIS_URL
  shared.__storefrontTags =
    url && process.env.NEXT_PHASE !== 'phase-production-build'
      ? connect(url)
      : { ready: Promise.resolve(), publish: async () => {} }
}

module.exports = shared.__storefrontTags
