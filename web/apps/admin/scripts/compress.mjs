// nginx hands the built files out as they lie here (gzip_static), better compressed than it would do by itself.
// Says what a first load costs, and fails above the budget.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

const BUDGET = 200 * 1024
const dist = path.resolve(import.meta.dirname, '../dist')
const first = new Set(readFileSync(path.join(dist, 'index.html'), 'utf8').match(/assets\/[\w.-]+\.(js|css)/g))
let bytes = 0
for (const name of readdirSync(path.join(dist, 'assets'))) {
  if (!/\.(js|css|svg)$/.test(name)) continue
  const file = path.join(dist, 'assets', name)
  const small = gzipSync(readFileSync(file), { level: 9 })
  writeFileSync(`${file}.gz`, small)
  if (first.has(`assets/${name}`)) bytes += small.length
}
console.log(`first load: ${Math.round(bytes / 1024)} KB compressed`)
if (bytes > BUDGET) {
  console.error(`more than the ${BUDGET / 1024} KB it may be`)
  process.exit(1)
}
