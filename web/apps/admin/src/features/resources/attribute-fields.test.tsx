import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { resources as described } from '../../../test/fake/descriptions'
import { show, startFake, textOf } from '../../../test/render'
import { row, rows } from '../../api/resources'
import type { Inline } from '../../api/types'
import { AttributeSettings, Conditions, errorIn, rangeOf, rangeText } from './attribute-fields'
import { fromDraft } from './draft'
import { moved } from './fields'

const ATTRIBUTES: Record<string, unknown> = {
  colour: {
    id: 'colour',
    names: { en: 'Colour' },
    kind: 'choice',
    values: [{ code: 'oak', labels: { en: 'Light oak' } }],
  },
  width: { id: 'width', names: { en: 'Width' }, kind: 'number', unit: 'cm', values: [] },
  assembly: { id: 'assembly', names: { en: 'Needs assembly' }, kind: 'flag', values: [] },
}

beforeEach(() => {
  const fake = startFake()
  vi.stubGlobal('fetch', (async (url, init) => {
    const path = new URL(String(url), 'http://shop').pathname.replace('/api/v1/admin', '')
    if (path === '/resources')
      return Response.json({
        resources: [
          ...described,
          { ...described[0], name: 'attributes', label: 'Attributes', actions: [], inlines: [] },
        ],
      })
    if (path === '/resources/attributes')
      return Response.json({
        rows: Object.keys(ATTRIBUTES).map((id) => ({
          id,
          name: (ATTRIBUTES[id] as { names: { en: string } }).names.en,
        })),
      })
    const code = path.startsWith('/resources/attributes/') ? (path.split('/').at(-1) ?? '') : ''
    return code ? Response.json(ATTRIBUTES[code]) : fake.fetch(url, init)
  }) as typeof fetch)
})
afterEach(() => vi.unstubAllGlobals())

const known = [
  rows('attributes', 'limit=200'),
  ...Object.keys(ATTRIBUTES).map((code) => row('attributes', code)),
]
const inline = (name: string): Inline => ({ name, label: name, fields: [], columns: [] })
const draft = (values: Record<string, never | string | string[] | boolean | null>) => ({
  key: JSON.stringify(values),
  values,
})

describe('what a product tells of itself', () => {
  it('is entered with the one control that the kind of an attribute has', async () => {
    const html = await show(
      '/',
      <AttributeSettings
        inline={inline('attributes')}
        rows={[
          draft({ attribute: 'colour', values: ['oak'], number_milli: '' }),
          draft({ attribute: 'width', values: [], number_milli: '33.3' }),
          draft({ attribute: 'assembly', values: [], number_milli: '', flag: false }),
        ]}
        errors={{ 'attributes.1.number_milli': 'Should be a number.' }}
        disabled={false}
        onChange={() => undefined}
      />,
      known,
    )
    const text = textOf(html)
    expect(text).toContain('Light oak')
    expect(html).toContain('value="33.3"')
    expect(text).toContain('cm')
    expect(text).toContain('Needs assembly')
    expect(text).toContain('Should be a number.')
    // None of the fields of the other kinds, and no code.
    expect(html.match(/value="33.3"/g)).toHaveLength(1)
    expect(text).not.toContain('number_milli')
  })
  it('sends nothing for what was not said', () => {
    expect(fromDraft({ name: 'flag', label: 'Flag', type: 'bool' }, null)).toEqual({ value: null })
    expect(fromDraft({ name: 'flag', label: 'Flag', type: 'bool' }, false)).toEqual({ value: false })
  })
  it('says of a row what is wrong with any field of it', () => {
    expect(errorIn({ 'attributes.1.values': 'No.' }, 'attributes.1')).toBe('No.')
    expect(errorIn({ 'attributes.10.values': 'No.' }, 'attributes.1')).toBeUndefined()
  })
})

describe('the conditions of a collection', () => {
  it('read as sentences, in words instead of codes', async () => {
    const html = await show(
      '/',
      <Conditions
        inline={inline('conditions')}
        rows={[
          draft({ field: 'attribute:colour', values: ['oak'], negated: true }),
          draft({ field: 'attribute:width', values: ['..40'], negated: false }),
          draft({ field: 'new_within_days', values: ['30'], negated: false }),
        ]}
        errors={{}}
        disabled={false}
        onChange={() => undefined}
      />,
      known,
    )
    const text = textOf(html)
    expect(text).toContain('Light oak')
    expect(text).toContain('within')
    expect(html).toContain('value="40"')
    expect(html).toContain('value="30"')
    expect(html).toMatch(/<option value="true" selected="">is not/)
    expect(text).not.toContain('attribute:')
  })
  it('have ranges that may be open at an end', () => {
    expect(rangeText('10', '')).toEqual(['10..'])
    expect(rangeText('10.', '12,5')).toEqual(['10..12.5'])
    expect(rangeText(' ', '')).toEqual([])
    expect(rangeOf(['10..'])).toEqual({ from: '10', to: '' })
    expect(rangeOf([])).toEqual({ from: '', to: '' })
  })
})

it('gives one of a list another place, and loses none', () => {
  expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'c', 'b'])
  expect(moved(['a', 'b'], 0, 1)).toEqual(['b', 'a'])
})
