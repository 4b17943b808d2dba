// Shares invalidations (tag -> when it became stale or expired) between instances and across restarts, through one
// Redis hash and a channel. Page data itself stays in each instance's memory and disk: no request waits for Redis.
// Imports Next's internals: the version is pinned, and scripts/check-cache.mjs starts two instances to prove it works.
const { tagsManifest } = require('next/dist/server/lib/incremental-cache/tags-manifest.external')

const KEY = `storefront:tags:${process.env.CACHE_NAMESPACE ?? 'v1'}`
const KEEP = 20_000
/** Nobody waits longer for Redis, whether it is away or hangs. */
const PATIENCE_MS = 800
const HOUR_MS = 3_600_000
const shared = globalThis

const latest = (a, b) => (a === undefined ? b : b === undefined ? a : Math.max(a, b))
/** A moment that has come, as far as the clocks of two machines agree. Next's "max" says "expired in a year", which is none. */
const come = (time) => (typeof time === 'number' && time < Date.now() + HOUR_MS ? time : undefined)
const textOf = (tag) => {
  const { stale, expired } = tagsManifest.get(tag) ?? {}
  return JSON.stringify({ stale, expired })
}

/** When each tag expired last: by the time that we are asked, one of Next's own handlers may have written over it. */
const expired = new Map()

/** A tag has one time of each, and both only grow: that words are stale must not take back that a price has expired. */
function note(tag, told) {
  const known = tagsManifest.get(tag)
  const at = latest(expired.get(tag), come(told?.expired))
  if (at !== undefined) expired.set(tag, at)
  tagsManifest.set(tag, { ...known, stale: latest(known?.stale, come(told?.stale)), expired: at })
}

/** Lets Next write down that tags are stale or expired from now on, and tells the others. */
function invalidate(tags, write) {
  const written = write()
  for (const tag of tags) note(tag, tagsManifest.get(tag))
  return written.then(() => shared.__storefrontTags.publish(tags))
}

function connect(url) {
  const Redis = require('ioredis')
  const options = {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    lazyConnect: true,
    connectTimeout: 500,
  }
  const commands = new Redis(url, { ...options, commandTimeout: PATIENCE_MS })
  const subscriber = new Redis(url, options)
  let warned = false
  const warn = (error) => {
    if (!warned)
      console.warn(
        `storefront cache: Redis is away (${error.message}); invalidations stay in this process until it is back`,
      )
    warned = true
  }
  commands.on('error', warn)
  subscriber.on('error', () => {})

  async function publish(tags) {
    if (tags.length === 0) return
    const pipeline = commands.pipeline()
    for (const tag of tags) {
      const text = textOf(tag)
      pipeline.hset(KEY, tag, text)
      pipeline.publish(KEY, JSON.stringify({ tag, text }))
    }
    await pipeline.exec().catch(warn)
  }
  /** Learns what Redis knows, and tells it what it does not: because it was away, or has forgotten. */
  const agree = async () => {
    const known = await commands.hgetall(KEY)
    const all = Object.entries(known)
    for (const [tag, text] of all) note(tag, JSON.parse(text))
    await publish([...tagsManifest.keys()].filter((tag) => textOf(tag) !== known[tag]))
    // What was invalidated longest ago is the safest to forget: those pages have been rendered anew since.
    if (all.length > KEEP) {
      const time = (text) =>
        Math.max(0, ...Object.values(JSON.parse(text)).filter((v) => typeof v === 'number'))
      const oldest = all.sort((a, b) => time(a[1]) - time(b[1])).slice(0, all.length - KEEP)
      await commands.hdel(KEY, ...oldest.map(([tag]) => tag))
    }
  }
  const within = (promise) =>
    Promise.race([promise, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]).catch(warn)
  const state = { ready: Promise.resolve(), publish }
  commands.on('ready', () => {
    warned = false
    state.ready = within(agree())
  })
  subscriber.on('message', (_channel, message) => {
    const { tag, text } = JSON.parse(message)
    note(tag, JSON.parse(text))
  })
  // Whenever it is connected, the first time as well; and what was said before it listened.
  subscriber.on('ready', () => {
    subscriber
      .subscribe(KEY)
      .then(agree)
      .catch(() => {})
  })
  // Refused the first time, both go on trying.
  state.ready = within(commands.connect().then(() => state.ready))
  subscriber.connect().catch(() => {})
  return state
}

if (!shared.__storefrontTags) {
  const url = process.env.REDIS_URL
  shared.__storefrontTags =
    url && process.env.NEXT_PHASE !== 'phase-production-build'
      ? connect(url)
      : { ready: Promise.resolve(), publish: async () => {} }
  shared.__storefrontTags.invalidate = invalidate
}

module.exports = shared.__storefrontTags
