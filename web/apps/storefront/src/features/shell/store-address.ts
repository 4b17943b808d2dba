const english = new Intl.DisplayNames('en', { type: 'region' })

/**
 * The shop's postal address for readers of a language. The API has it once, with its country in English at the end; the other
 * lines are what the post reads, and stay. `countries` carry their names in the reader's language.
 */
export function storeAddress(address: string, countries: readonly { code: string; name: string }[]): string {
  const at = Math.max(address.lastIndexOf(','), address.lastIndexOf('\n')) + 1
  const last = address.slice(at).trim()
  const country = countries.find(({ code }) => english.of(code) === last)
  return country ? address.slice(0, address.length - last.length) + country.name : address
}
