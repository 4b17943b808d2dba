import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { show, startFake, textOf } from '../../../test/render'
import { PromotionRules, rulesOf, withRule } from './promotion-rules'

beforeEach(() => void startFake())
afterEach(() => vi.unstubAllGlobals())

const page = async (kind: string, rules: unknown, error?: string) =>
  show(
    '/r/promotions/p',
    <PromotionRules
      kind={kind}
      value={typeof rules === 'string' ? rules : JSON.stringify(rules)}
      error={error}
      disabled={false}
      onChange={() => undefined}
    />,
  )

describe('the rules of a promotion', () => {
  it('are asked for by what they mean for its kind', async () => {
    const percent = await page('percent', { basis_points: 1250 })
    expect(textOf(percent)).toContain('Per cent off')
    expect(percent).toContain('value="12.5"')
    expect(textOf(percent)).not.toContain('gets so many')
    expect(textOf(await page('buy_x_get_y', {}))).toContain('gets so many')
    expect(textOf(await page('free_shipping', {}))).toContain('Delivery costs nothing')
    const tiers = await page('tiered_spend', { tiers: [{ from: { EUR: 20000 }, off: { EUR: 1500 } }] })
    expect(tiers).toContain('value="200.00"')
    expect(tiers).toContain('value="15.00"')
  })
  it('are shown as the text that was typed while it is not readable', async () => {
    const html = await page('percent', '{"basis_points": ')
    expect(textOf(html)).toContain('no valid JSON yet')
    expect(textOf(html)).not.toContain('Per cent off')
    expect(rulesOf('[]')).toBeNull()
    expect(rulesOf('')).toEqual({})
  })
  it('keep what this form does not know', () => {
    expect(JSON.parse(withRule({ basis_points: 1, later: true }, 'basis_points', 2))).toEqual({
      basis_points: 2,
      later: true,
    })
    expect(
      JSON.parse(withRule({ max_applications: 3, first_order: true }, 'max_applications', undefined)),
    ).toEqual({
      first_order: true,
    })
  })
  it('say what is no number, and what the server refused', async () => {
    expect(textOf(await page('percent', { basis_points: 'ten' }))).toContain('Should be a number')
    expect(textOf(await page('percent', {}, 'Is too much.'))).toContain('Is too much.')
  })
})
