// Compiles the mail templates: one layout, one body per mail, words per language -> share/templates/<name>.<locale>.{subject,html,text}.
// Mustache ({{...}}) passes through to the shop's program, which fills in the values; [[...]] is filled in here.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import mjml2html from 'mjml'

const here = path.dirname(fileURLToPath(import.meta.url))
const source = path.join(here, 'src')
export const LOCALES = ['en', 'de', 'nl', 'fr']
export const output = path.join(here, 'share/templates')

const read = (...parts) => readFile(path.join(source, ...parts), 'utf8')
const escapeHtml = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

async function filesOf(folder, extension) {
  const names = (await readdir(path.join(source, folder))).filter((name) => name.endsWith(extension)).sort()
  const entries = await Promise.all(
    names.map(async (name) => [name.slice(0, -extension.length), await read(folder, name)]),
  )
  return Object.fromEntries(entries)
}

/** Puts parts ([[>name]]) in, then words ([[key]]): those of this mail, else the common ones. */
function fill(template, { parts, words, locale, name, isHtml }) {
  let whole = template
  for (let depth = 0; /^[ \t]*\[\[>/m.test(whole); depth++) {
    if (depth > 5) throw new Error(`${name}: parts include each other`)
    whole = whole.replace(/^[ \t]*\[\[>(\w+)\]\][ \t]*\n/gm, (_, part) => {
      if (!(part in parts)) throw new Error(`${name}: there is no part "${part}"`)
      return parts[part]
    })
  }
  const used = new Set()
  const text = whole.replace(/\[\[(\w+)\]\]/g, (_, key) => {
    if (key === 'locale') return locale
    const word = words[name]?.[key] ?? words.common[key]
    if (word === undefined) throw new Error(`${locale}: ${name} has no word for "${key}"`)
    used.add(key)
    return isHtml ? escapeHtml(word) : word
  })
  const left = /\[\[[^\]]*\]\]/.exec(text)
  if (left) throw new Error(`${locale}: ${name} keeps an unknown mark ${left[0]}`)
  return { text, used }
}

/** All outputs as a map from file name to content; throws for a missing or a superfluous word and for MJML that is not valid. */
export async function render() {
  const [layout, textLayout, bodies, textBodies, parts, textParts] = await Promise.all([
    read('layout.mjml'),
    read('layout.txt'),
    filesOf('templates', '.mjml'),
    filesOf('templates', '.txt'),
    filesOf('parts', '.mjml'),
    filesOf('parts', '.txt'),
  ])
  const files = new Map()
  for (const locale of LOCALES) {
    const words = JSON.parse(await read('strings', `${locale}.json`))
    const commonUsed = new Set()
    for (const name of Object.keys(bodies)) {
      if (!(name in textBodies)) throw new Error(`${name} has no text alternative`)
      const html = fill(layout, {
        parts: { ...parts, body: bodies[name] },
        words,
        locale,
        name,
        isHtml: true,
      })
      const plain = fill(textLayout, {
        parts: { ...textParts, body: textBodies[name] },
        words,
        locale,
        name,
        isHtml: false,
      })
      const used = new Set([...html.used, ...plain.used, 'subject'])
      for (const key of Object.keys(words[name] ?? {})) {
        if (!used.has(key)) throw new Error(`${locale}: ${name} never uses its word "${key}"`)
      }
      for (const key of used) commonUsed.add(key)
      const compiled = await mjml2html(html.text, {
        validationLevel: 'strict',
        keepComments: false,
        minify: false,
      })
      if (compiled.errors?.length)
        throw new Error(`${name}: ${compiled.errors.map((error) => error.formattedMessage).join('; ')}`)
      if (!words[name]?.subject) throw new Error(`${locale}: ${name} has no subject`)
      files.set(`${name}.${locale}.subject`, `${words[name].subject}\n`)
      files.set(`${name}.${locale}.html`, compiled.html)
      files.set(`${name}.${locale}.text`, `${plain.text.trim()}\n`)
    }
    for (const key of Object.keys(words.common)) {
      if (!commonUsed.has(key)) throw new Error(`${locale}: nothing uses the common word "${key}"`)
    }
    for (const name of Object.keys(words)) {
      if (name !== 'common' && !(name in bodies))
        throw new Error(`${locale}: words for "${name}", which is no mail`)
    }
  }
  return files
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = await render()
  // A reader sees the old set or the new one of each file, never half a file.
  await mkdir(output, { recursive: true })
  for (const [name, content] of files) {
    await writeFile(path.join(output, `.${name}.part`), content)
    await rename(path.join(output, `.${name}.part`), path.join(output, name))
  }
  for (const name of await readdir(output)) {
    if (!files.has(name)) await rm(path.join(output, name))
  }
  console.log(`mail: ${files.size / 3} templates in ${path.relative(process.cwd(), output)}`)
}
