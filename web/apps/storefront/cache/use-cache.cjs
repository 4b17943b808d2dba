const { createDefaultCacheHandler } = require('next/dist/server/lib/cache-handlers/default')
const tags = require('./tags.cjs')

const base = createDefaultCacheHandler(50 * 1024 * 1024)

/** Next's own handler of `'use cache'`, told of what other instances invalidated. */
module.exports = {
  ...base,
  async refreshTags() {
    await tags.ready
  },
  updateTags: (invalidated, durations) =>
    tags.invalidate(invalidated, () => base.updateTags(invalidated, durations)),
}
