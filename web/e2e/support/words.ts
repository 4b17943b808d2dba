import { readFileSync } from 'node:fs'
import path from 'node:path'

export type Language = 'en' | 'de'

const folder = path.resolve(import.meta.dirname, '../../apps/storefront/messages')

/** A sentence of the shop by its key, such as "cart.checkout": tests speak the language that they test. */
export function wordsIn(language: Language) {
  const files = new Map<string, unknown>()
  return (key: string): string => {
    const [namespace = '', ...rest] = key.split('.')
    if (!files.has(namespace)) {
      files.set(
        namespace,
        JSON.parse(readFileSync(path.join(folder, language, `${namespace}.json`), 'utf8')) as unknown,
      )
    }
    let value = files.get(namespace)
    for (const part of rest) value = (value as Record<string, unknown> | undefined)?.[part]
    if (typeof value !== 'string') throw new Error(`There is no message ${key} in ${language}`)
    return value
  }
}

/** The same as a pattern: whatever a message is filled with matches anything. */
export function pattern(message: string): RegExp {
  const plain = message.replace(/<\/?\w+>/g, '')
  return new RegExp(
    plain
      .split(/\{[^{}]*\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  )
}
