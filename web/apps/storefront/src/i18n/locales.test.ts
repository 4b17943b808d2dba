import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { locales, negotiateLocale } from './locales'
import { namespaces } from './namespaces'

describe('negotiateLocale', () => {
  it.each([
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['it,fr;q=0.4,nl;q=0.7', 'nl'],
    ['fr;q=0,en;q=0.1', 'en'],
    ['', 'en'],
    [null, 'en'],
    ['*', 'en'],
  ])('%s is %s', (header, locale) => {
    expect(negotiateLocale(header)).toBe(locale)
  })
})

const folder = path.resolve(import.meta.dirname, '../../messages')
const read = (locale: string, namespace: string): unknown =>
  JSON.parse(readFileSync(path.join(folder, locale, `${namespace}.json`), 'utf8'))
const flat = (value: unknown, prefix = ''): [string, string][] =>
  typeof value === 'string'
    ? [[prefix, value]]
    : Object.entries(value as object).flatMap(([key, inner]) =>
        flat(inner, prefix ? `${prefix}.${key}` : key),
      )
/** Names of what a message is filled with, and of the tags in it; the branches of a plural are words, not names. */
function parts(text: string): string {
  const plain = text.replace(/(=\d+|zero|one|two|few|many|other)\s*\{/g, '(')
  const names = (pattern: RegExp) =>
    [...new Set([...plain.matchAll(pattern)].map((match) => match[1]))].sort().join()
  return `${names(/\{\s*(\w+)\s*[,}]/g)} ${names(/<(\w+)>/g)}`
}

describe('messages', () => {
  it('are one file per namespace in every language', () => {
    for (const locale of locales) {
      expect(readdirSync(path.join(folder, locale)).sort()).toEqual(
        namespaces.map((name) => `${name}.json`).sort(),
      )
    }
  })
  it.each(namespaces)('of %s are complete, and filled alike, in every language', (namespace) => {
    const english = new Map(flat(read('en', namespace)))
    for (const locale of locales) {
      const other = new Map(flat(read(locale, namespace)))
      expect([...other.keys()].sort(), locale).toEqual([...english.keys()].sort())
      for (const [key, text] of other) {
        expect(text.trim(), `${locale} ${key}`).not.toBe('')
        expect(parts(text), `${locale} ${namespace}.${key}`).toBe(parts(english.get(key) ?? ''))
      }
    }
  })
})
