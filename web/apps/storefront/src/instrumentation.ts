/**
 * Next writes the Location of a redirect, and when the page was rendered just now it appends the one that it has cached
 * as well: two headers, which some readers take for one broken address. This one is only ever set.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { ServerResponse } = await import('node:http')
  const append = ServerResponse.prototype.appendHeader
  ServerResponse.prototype.appendHeader = function (name, value) {
    if (name.toLowerCase() !== 'location') return append.call(this, name, value)
    return this.setHeader(name, value)
  }
}
