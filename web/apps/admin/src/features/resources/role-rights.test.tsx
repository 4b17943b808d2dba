import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { resources as described } from '../../../test/fake/descriptions'
import { show, startFake, textOf } from '../../../test/render'
import { areasOf, limitsOf, withLimit, withRight } from './rights'
import { RoleRights } from './role-rights'

beforeEach(() => void startFake())
afterEach(() => vi.unstubAllGlobals())

const page = (codes: string[], limits = '{}') =>
  show(
    '/r/roles/clerk',
    <RoleRights
      codes={codes}
      limits={limits}
      errors={{}}
      disabled={false}
      onCodes={() => undefined}
      onLimits={() => undefined}
    />,
  )
const checked = (html: string, label: string) =>
  new RegExp(
    `<input[^>]*aria-label="${label}"[^>]*checked=""|<input[^>]*checked=""[^>]*aria-label="${label}"`,
  ).test(html)

describe('the rights of a role', () => {
  it('are boxes by what they mean, with what a page made by hand asks for', async () => {
    const html = await page(['orders.*', 'products.read', 'later.thing'])
    expect(checked(html, 'Orders: everything')).toBe(true)
    expect(checked(html, 'Orders: Pack and ship')).toBe(true)
    expect(checked(html, 'Products: Look')).toBe(true)
    expect(checked(html, 'Products: Change')).toBe(false)
    // What this form does not know is kept, and seen.
    expect(textOf(html)).toContain('Later: thing')
    expect(textOf(html)).not.toContain('orders.')
  })
  it('of an administrator are not listed one by one', async () => {
    expect(textOf(await page(['*']))).not.toContain('Pack and ship')
  })
  it('end at an amount only where they move money and are given', async () => {
    const html = await page(
      ['orders.refund'],
      '{"orders.refund":[{"amount":20000,"currency":"EUR"},{"amount":0,"currency":"GBP"}]}',
    )
    expect(textOf(html)).toContain('Refund up to, EUR')
    expect(html).toContain('value="200.00"')
    // A limit of nothing is one, and not an empty field.
    expect(html).toContain('value="0.00"')
    expect(textOf(html)).not.toContain('Issue up to')
    expect(textOf(await page(['products.read']))).not.toContain('Refund up to')
  })
  it('include the look at what may be changed; of everything, one is taken by naming the others', () => {
    const area = areasOf(described).find(({ name }) => name === 'orders')
    if (!area) throw new Error('no orders')
    expect(withRight(['home.read'], area, 'ship', true)).toEqual(['home.read', 'orders.read', 'orders.ship'])
    expect(withRight(['orders.read', 'home.read'], area, '*', true)).toEqual(['home.read', 'orders.*'])
    const left = withRight(['orders.*'], area, 'refund', false)
    expect(left).toContain('orders.ship')
    expect(left).not.toContain('orders.refund')
    expect(left).not.toContain('orders.*')
  })
  it('are sent with amounts, without what was emptied', () => {
    expect(JSON.parse(withLimit({}, 'orders.refund', { EUR: 20000 }))).toEqual({
      'orders.refund': [{ amount: 20000, currency: 'EUR' }],
    })
    expect(
      JSON.parse(withLimit({ 'orders.refund': [{ amount: 1, currency: 'EUR' }] }, 'orders.refund', {})),
    ).toEqual({})
    expect(limitsOf('')).toEqual({})
    expect(limitsOf('[]')).toBeNull()
  })
})
