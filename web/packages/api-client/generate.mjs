// Writes src/schema.d.ts, or the file that is named, from the committed API document. Runs in the package that keeps the older TypeScript
// which the generator needs.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname)
const document = path.resolve(here, '../../../api/openapi.json')
const tool = path.resolve(here, '../../tools/codegen/node_modules/openapi-typescript/bin/cli.js')
if (!existsSync(document)) {
  console.error(`${document} is missing: print it with "stoa openapi > api/openapi.json"`)
  process.exit(1)
}
const run = spawnSync(
  process.execPath,
  [
    tool,
    document,
    '--output',
    path.resolve(process.argv[2] ?? path.join(here, 'src/schema.d.ts')),
    '--alphabetize',
  ],
  {
    stdio: 'inherit',
  },
)
process.exit(run.status ?? 1)
