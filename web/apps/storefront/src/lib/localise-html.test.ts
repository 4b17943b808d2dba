import { expect, it } from 'vitest'
import { localiseHtml } from './localise-html'

it('sends links of texts to the language of the page, and leaves the others alone', () => {
  const html =
    '<p><a href="/c/boxes">a</a> <a class="x" href="/products/y?z=1">b</a> <a href="https://example.test/">c</a> href="/no"</p>'
  expect(localiseHtml(html, 'de')).toBe(
    '<p><a href="/de/c/boxes">a</a> <a class="x" href="/de/produkte/y?z=1">b</a> <a href="https://example.test/">c</a> href="/no"</p>',
  )
})
