import { describe, expect, it } from 'vitest'
import { currencyExponent, formatMoney, toDecimal } from './money'

const spaces = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')
const eur = (amount: number) => ({ amount, currency: 'EUR' })

describe('formatMoney', () => {
  it.each([
    ['en', '€1,299.50'],
    ['de', '1.299,50 €'],
    ['nl', '€ 1.299,50'],
    ['fr', '1 299,50 €'],
  ])('writes %s as people there do', (locale, text) => {
    expect(spaces(formatMoney(eur(129950), locale))).toBe(text)
  })
  it('leaves out cents only where asked, and only when there are none', () => {
    expect(formatMoney(eur(24900), 'en')).toBe('€249.00')
    expect(formatMoney(eur(24900), 'en', { whole: true })).toBe('€249')
    expect(formatMoney(eur(24950), 'en', { whole: true })).toBe('€249.50')
  })
  it('knows currencies without cents and with three digits', () => {
    expect(currencyExponent('JPY')).toBe(0)
    expect(currencyExponent('BHD')).toBe(3)
    expect(spaces(formatMoney({ amount: 1999, currency: 'JPY' }, 'en'))).toMatch(/1,999$/)
    expect(spaces(formatMoney({ amount: 1999, currency: 'BHD' }, 'en'))).toMatch(/1\.999$/)
  })
  it('is exact where a double is not', () => {
    expect(toDecimal(9007199254740991, 2)).toBe('90071992547409.91')
    expect(formatMoney(eur(9007199254740991), 'en')).toBe('€90,071,992,547,409.91')
  })
  it('writes small and negative amounts', () => {
    expect(toDecimal(5, 2)).toBe('0.05')
    expect(toDecimal(-5, 2)).toBe('-0.05')
    expect(toDecimal(0, 0)).toBe('0')
    expect(formatMoney(eur(-1050), 'en')).toBe('-€10.50')
  })
})
