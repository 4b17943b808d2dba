import { describe, expect, it } from 'vitest'
import type { FieldKind } from '../../api/types'
import { changesOf, type Form, formOf, fromDraft, merge, parseAmount, toDraft } from './draft'

const field = (type: string, more: Partial<FieldKind> = {}): FieldKind => ({
  name: 'x',
  label: 'X',
  type,
  ...more,
})

describe('amounts', () => {
  it.each([
    ['1299.95', 129995],
    ['1,299.95', 129995],
    ['1.299,95', 129995],
    ["1'299.95", 129995],
    ['1 299,9', 129990],
    ['1,299', 129900],
    ['12', 1200],
    ['0.05', 5],
    ['-3,50', -350],
  ])('%s', (typed, minor) => expect(parseAmount(typed, 2)).toBe(minor))
  it.each(['', 'x', '1.2.3', '1,29,95', '1.299.95', '1e3', '99999999999999999', '.5'])(
    'refuses %j',
    (typed) => expect(parseAmount(typed, 2)).toBeNull(),
  )
  it('takes three digits after a separator for thousands, not for half a cent', () => {
    expect(parseAmount('12.345', 2)).toBe(1234500)
    expect(parseAmount('1234.567', 2)).toBeNull()
  })
  it('knows currencies without a fraction', () => {
    expect(parseAmount('1,299', 0)).toBe(1299)
    expect(parseAmount('12.5', 0)).toBeNull()
  })
})

describe('one field there and back', () => {
  it.each([
    ['money', { amount: -1999, currency: 'EUR' }],
    ['integer', 12],
    ['bool', true],
    ['date', '2026-11-27'],
    ['datetime', '2026-11-27T14:05:00Z'],
    ['translations', { en: 'Chair', de: 'Stuhl' }],
    ['list', ['a', 'b']],
    ['json', { a: [1, null] }],
    ['longtext', 'two\nlines'],
  ])('%s', (type, value) => {
    expect(fromDraft(field(type), toDraft(field(type), value))).toEqual({ value })
  })
  it('sends the id of what a reference names', () => {
    expect(
      fromDraft(field('reference'), toDraft(field('reference'), { id: 'cat_1', label: 'Chairs' })),
    ).toEqual({
      value: 'cat_1',
    })
  })
  it.each([
    'text',
    'integer',
    'money',
    'date',
    'datetime',
    'reference',
    'translations',
    'list',
    'json',
    'select',
  ])('asks for a required %s', (type) => {
    const wanted = field(type, { required: true })
    expect(fromDraft(wanted, toDraft(wanted, undefined))).toEqual({ error: 'X is required.' })
  })
})

const resource = {
  fields: [
    field('text', { name: 'name', label: 'Name' }),
    field('money', { name: 'price', label: 'Price' }),
    field('text', { name: 'sku', label: 'SKU', read_only: true }),
  ],
  inlines: [
    {
      name: 'lines',
      label: 'Lines',
      columns: [],
      fields: [field('integer', { name: 'quantity', label: 'Quantity', required: true })],
    },
  ],
}
const row = {
  id: 'p1',
  name: 'Chair',
  price: { amount: 100, currency: 'EUR' },
  sku: 'A',
  lines: [{ id: 'l1', quantity: 1 }],
}
const edited = (change: (form: Form) => void): Form => {
  const form = structuredClone(formOf(resource, row))
  change(form)
  return form
}

describe('what is sent', () => {
  it('is only what changed', () => {
    const base = formOf(resource, row)
    expect(changesOf(resource, base, base)).toEqual({ body: {}, errors: {} })
    const form = edited((f) => {
      f.fields.price = { amount: '2,50', currency: 'EUR' }
      f.fields.sku = 'B'
    })
    expect(changesOf(resource, form, base)).toEqual({
      body: { price: { amount: 250, currency: 'EUR' } },
      errors: {},
    })
  })
  it('holds all rows of an inline, and says which of them is wrong', () => {
    const base = formOf(resource, row)
    const form = edited((f) => {
      f.inlines.lines = [...(f.inlines.lines ?? []), { key: 'new-1', values: { quantity: '2' } }]
    })
    expect(changesOf(resource, form, base).body).toEqual({
      lines: [{ id: 'l1', quantity: 1 }, { quantity: 2 }],
    })
    const wrong = edited((f) => {
      f.inlines.lines = [{ key: 'l1', values: { quantity: 'x' } }]
    })
    expect(Object.keys(changesOf(resource, wrong, base).errors)).toEqual(['lines.0.quantity'])
  })
  it('is everything that was filled in when something is made', () => {
    const form = formOf(resource, {})
    form.fields.name = 'Table'
    expect(changesOf(resource, form)).toEqual({ body: { name: 'Table' }, errors: {} })
  })
})

describe('two editors', () => {
  const base = formOf(resource, row)
  it('takes over what only the other one changed', () => {
    const mine = edited((f) => {
      f.fields.name = 'Oak chair'
    })
    const theirs = edited((f) => {
      f.fields.price = { amount: '3.00', currency: 'EUR' }
    })
    const merged = merge(base, mine, theirs)
    expect(merged.clashes).toEqual([])
    expect(merged.taken).toEqual(['price'])
    expect(merged.form.fields).toMatchObject({
      name: 'Oak chair',
      price: { amount: '3.00', currency: 'EUR' },
    })
  })
  it('asks about what both changed, and not when they agree', () => {
    const mine = edited((f) => {
      f.fields.name = 'Oak chair'
    })
    const theirs = edited((f) => {
      f.fields.name = 'Ash chair'
    })
    expect(merge(base, mine, theirs).clashes).toEqual([
      { name: 'name', base: 'Chair', mine: 'Oak chair', theirs: 'Ash chair' },
    ])
    expect(merge(base, mine, structuredClone(mine)).clashes).toEqual([])
  })
  it('treats the rows of an inline as one value', () => {
    const mine = edited((f) => {
      f.inlines.lines = []
    })
    const theirs = edited((f) => {
      f.inlines.lines = [{ key: 'l1', values: { quantity: '5' } }]
    })
    expect(merge(base, mine, theirs).clashes.map((clash) => clash.name)).toEqual(['lines'])
  })
})

describe('numbers that the API has without a fraction', () => {
  const rate: FieldKind = { name: 'basis_points', label: 'Rate', type: 'percent', required: true }
  it.each([
    ['19', 1900],
    ['5.5', 550],
    ['5,5', 550],
    ['0', 0],
  ])('%s per cent is %i', (typed, value) => {
    expect(fromDraft(rate, typed)).toEqual({ value })
  })
  it('are shown as they are said', () => {
    expect([1900, 550, 5, 0].map((value) => toDraft(rate, value))).toEqual(['19', '5.5', '0.05', '0'])
    expect(toDraft({ ...rate, type: 'thousandths' }, 47500)).toBe('47.5')
  })
  it('are refused when they are none, or finer than the API counts', () => {
    expect(fromDraft(rate, '19 %')).toHaveProperty('error')
    expect(fromDraft(rate, '5.555')).toHaveProperty('error')
    expect(fromDraft(rate, '')).toHaveProperty('error')
  })
})
