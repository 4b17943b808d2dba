export type Money = { amount: number; currency: string }

/** Which language a locale's numbers and dates are written in. */
const FORMAT_LOCALE: Record<string, string> = { en: 'en-GB', de: 'de-DE', nl: 'nl-NL', fr: 'fr-FR' }
export const formatLocale = (locale: string): string => FORMAT_LOCALE[locale] ?? locale

const formats = new Map<string, Intl.NumberFormat>()

function format(locale: string, currency: string, whole: boolean): Intl.NumberFormat {
  const key = `${locale}/${currency}/${whole}`
  let found = formats.get(key)
  if (!found) {
    found = new Intl.NumberFormat(formatLocale(locale), {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      ...(whole ? { trailingZeroDisplay: 'stripIfInteger' } : {}),
    } as Intl.NumberFormatOptions)
    formats.set(key, found)
  }
  return found
}

/** Minor units to a decimal string, exactly and without floating point: (1999, 2) is "19.99". */
export function toDecimal(amount: number, exponent: number): string {
  const sign = amount < 0 ? '-' : ''
  const digits = String(Math.abs(Math.trunc(amount))).padStart(exponent + 1, '0')
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

export function currencyExponent(currency: string): number {
  return format('en', currency, false).resolvedOptions().maximumFractionDigits ?? 2
}

/**
 * Money in the words of a locale. `whole` leaves out ",00" of a round amount, as price tags do;
 * totals and receipts keep it.
 */
export function formatMoney(
  money: Money,
  locale: string,
  { whole = false }: { whole?: boolean } = {},
): string {
  const decimal = toDecimal(money.amount, currencyExponent(money.currency))
  // Intl formats a decimal string exactly; TypeScript's library knows it as StringNumericLiteral.
  return format(locale, money.currency, whole).format(decimal as `${number}`)
}
