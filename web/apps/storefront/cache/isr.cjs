const FileSystemCache = require('next/dist/server/lib/incremental-cache/file-system-cache').default
const tags = require('./tags.cjs')

/** Next's own page cache, told of what other instances invalidated. */
module.exports = class PageCache extends FileSystemCache {
  async get(...args) {
    await tags.ready
    return super.get(...args)
  }

  async revalidateTag(invalidated, durations) {
    const several = typeof invalidated === 'string' ? [invalidated] : invalidated
    await tags.invalidate(several, () => super.revalidateTag(several, durations))
  }
}
