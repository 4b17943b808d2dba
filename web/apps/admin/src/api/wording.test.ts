import { describe, expect, it } from 'vitest'
import type { FieldKind, Resource } from './types'
import { newTitle, wordedResource } from './wording'

const field = (name: string, label: string, type = 'text', rest: Partial<FieldKind> = {}): FieldKind => ({
  name,
  label,
  type,
  help: '',
  ...rest,
})
const resource = (name: string, rest: Partial<Resource>): Resource => ({
  name,
  label: 'Tax rates',
  group: 'Prices',
  columns: [],
  filters: [],
  searchable: true,
  fields: [],
  inlines: [],
  actions: [],
  can: { create: true, update: true, delete: false, export: true, import: true },
  ...rest,
})
const first = (found: Resource) => found.fields[0]

describe('the words of a merchant', () => {
  it('replace what is only the name of a field', () => {
    expect(first(wordedResource(resource('x', { fields: [field('sku', 'Sku')] })))?.label).toBe('SKU')
    expect(first(wordedResource(resource('x', { fields: [field('sku', 'Our number')] })))?.label).toBe(
      'Our number',
    )
  })
  it('reach rows within a record, and what an action asks', () => {
    const found = wordedResource(
      resource('products', {
        inlines: [
          {
            name: 'variants',
            label: 'Variants',
            columns: [],
            fields: [field('weight_grams', 'Weight grams')],
          },
        ],
        actions: [{ name: 'add', label: 'Add', fields: [field('emails', 'Emails', 'list')] }],
      }),
    )
    expect(found.inlines[0]?.fields[0]?.label).toBe('Weight (g)')
    expect(found.actions[0]?.fields?.[0]?.label).toBe('E-mail addresses')
  })
  it('know a company of the shop from the line of an address', () => {
    const found = wordedResource(
      resource('customers', {
        fields: [field('company', 'Company')],
        inlines: [
          { name: 'addresses', label: 'Addresses', columns: [], fields: [field('company', 'Company')] },
        ],
      }),
    )
    expect(first(found)).toMatchObject({ label: 'Buys for', type: 'company' })
    expect(found.inlines[0]?.fields[0]).toMatchObject({ label: 'Company', type: 'text' })
  })
  it('write a rate in per cent, and name languages', () => {
    const rate = wordedResource(
      resource('tax_rates', {
        columns: [{ name: 'basis_points', label: 'Basis points', type: 'integer' }],
        fields: [field('basis_points', 'Basis points', 'integer')],
      }),
    )
    expect(rate.columns[0]).toMatchObject({ label: 'Rate', type: 'percent' })
    expect(first(rate)).toMatchObject({ label: 'Rate', type: 'percent' })
    const filter = wordedResource(
      resource('x', {
        filters: [
          { name: 'locale', label: 'Language', type: 'select', options: [{ value: 'de', label: 'De' }] },
        ],
      }),
    ).filters[0]
    expect(filter?.options).toEqual([{ value: 'de', label: 'German' }])
  })
  it('do not change how a form takes what a list shows differently', () => {
    const found = wordedResource(
      resource('roles', {
        columns: [{ name: 'permissions', label: 'Permissions', type: 'list' }],
        fields: [field('permissions', 'Permissions', 'list')],
      }),
    )
    expect(found.columns[0]?.type).toBe('permissions')
    expect(first(found)?.type).toBe('list')
  })
})

it('a new thing is one of its list', () => {
  expect(newTitle({ name: 'tax_rates', label: 'Tax rates' })).toBe('New tax rate')
  expect(newTitle({ name: 'categories', label: 'Categories' })).toBe('New category')
})
