// Weighs the JavaScript that a page loads first: every script its HTML names, compressed as nginx would.
// Usage: node scripts/size.mjs http://localhost:8000 /en /en/c/chairs ...   Fails above the budget.
import { gzipSync } from 'node:zlib'

const BUDGET = 190 * 1024
const [origin = 'http://localhost:8000', ...given] = process.argv.slice(2)
const pages = given.length > 0 ? given : ['/en']
let over = false
for (const page of pages) {
  const html = await (await fetch(new URL(page, origin))).text()
  const scripts = new Set()
  for (const tag of html.matchAll(/<script[^>]*\ssrc="([^"]+)"[^>]*>/g)) {
    // Old browsers alone load what is marked nomodule.
    if (!/\snomodule/i.test(tag[0])) scripts.add(tag[1])
  }
  let gz = 0
  let raw = 0
  for (const source of scripts) {
    const body = Buffer.from(await (await fetch(new URL(source, origin))).arrayBuffer())
    raw += body.length
    gz += gzipSync(body, { level: 6 }).length
  }
  const kb = (bytes) => `${(bytes / 1024).toFixed(1)} kB`
  console.log(
    `${page}: ${scripts.size} scripts, ${kb(gz)} gz (${kb(raw)}), html ${kb(gzipSync(html).length)} gz`,
  )
  if (scripts.size === 0 || gz > BUDGET) over = true
}
if (over) {
  console.error(`Over the budget of ${BUDGET / 1024} kB, or no script was found.`)
  process.exit(1)
}
