// Cuts the two typefaces down to what the shop shows: the letters of its languages, one weight and optical size of the
// serif, the weights 400 to 600 of the grotesque. 98 kB become 35. Run again after a change; the results are committed.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import subsetFont from 'subset-font'

const require = createRequire(import.meta.url)
const out = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../apps/storefront/src/fonts')
const range = (from, to) =>
  Array.from({ length: to - from }, (_, index) => String.fromCodePoint(from + index)).join('')
// ASCII, Latin-1, Latin Extended-A, and the punctuation and signs that texts and prices use.
const letters = `${range(0x20, 0x7f)}${range(0xa0, 0x180)}–—‘’‚“”„†•…‹›€™−\u2009\u202f`

const fonts = [
  {
    family: 'fraunces',
    file: 'fraunces-latin-opsz-normal',
    name: 'headline',
    variationAxes: { opsz: 48, wght: 400 },
  },
  {
    family: 'geist',
    file: 'geist-latin-wght-normal',
    name: 'text',
    variationAxes: { wght: { min: 400, max: 600 } },
  },
]
for (const { family, file, name, variationAxes } of fonts) {
  const folder = path.dirname(require.resolve(`@fontsource-variable/${family}/package.json`))
  const source = readFileSync(path.join(folder, 'files', `${file}.woff2`))
  const subset = await subsetFont(source, letters, { targetFormat: 'woff2', variationAxes })
  writeFileSync(path.join(out, `${name}.woff2`), subset)
  copyFileSync(path.join(folder, 'LICENSE'), path.join(out, `${name}.LICENSE.txt`))
  // The back office has no headlines.
  if (name === 'text') {
    for (const file of [`${name}.woff2`, `${name}.LICENSE.txt`])
      copyFileSync(path.join(out, file), path.join(out, '../../../admin/src/fonts', file))
  }
  console.log(`${name}: ${source.length} -> ${subset.length} bytes`)
}
