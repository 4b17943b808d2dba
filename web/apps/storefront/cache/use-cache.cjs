const { createDefaultCacheHandler } = require('next/dist/server/lib/cache-handlers/default')
const tags = require('./tags.cjs')

const base = createDefaultCacheHandler(50 * 1024 * 1024)

/** Next's own handler of `'use cache'`, told of what other instances invalidated. */
module.exports = {
  ...base,
  async refreshTags() {
    await tags.ready
  },
  async updateTags(invalidated, durations) {
    await base.updateTags(invalidated, durations)
    await tags.publish(invalidated)
  },
}
