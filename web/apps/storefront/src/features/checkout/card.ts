export type Brand = 'Visa' | 'Mastercard' | 'American Express' | 'Maestro' | undefined

export const digitsOf = (text: string): string => text.replace(/\D/g, '')

export function brandOf(number: string): Brand {
  const digits = digitsOf(number)
  if (/^4/.test(digits)) return 'Visa'
  if (/^3[47]/.test(digits)) return 'American Express'
  if (/^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/.test(digits)) return 'Mastercard'
  if (/^(?:50|5[6-9]|6)/.test(digits)) return 'Maestro'
  return undefined
}

export const cvvLength = (number: string): 3 | 4 => (brandOf(number) === 'American Express' ? 4 : 3)

/** Groups as they stand on the card. */
export function formatCardNumber(text: string): string {
  const digits = digitsOf(text).slice(0, 19)
  const groups =
    brandOf(digits) === 'American Express'
      ? /^(\d{1,4})(\d{1,6})?(\d{1,5})?/
      : /^(\d{1,4})(\d{1,4})?(\d{1,4})?(\d{1,7})?/
  return (groups.exec(digits)?.slice(1) ?? []).filter(Boolean).join(' ')
}

export function isCardNumber(text: string): boolean {
  const digits = digitsOf(text)
  if (digits.length < 12 || digits.length > 19) return false
  let sum = 0
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place])
    const weighed = place % 2 === 0 ? digit : digit * 2
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0
}

/** "5/29", "0529" and "05 / 2029" all become "05 / 29" while they are typed. */
export function formatExpiry(text: string): string {
  let digits = digitsOf(text)
  if (/^[2-9]/.test(digits) || /^1\s*\/\s*/.test(text)) digits = `0${digits}`
  const year = digits.slice(2)
  const short = year.length >= 4 ? year.slice(2, 4) : year.slice(0, year === '20' ? 2 : 4)
  if (digits.length < 2) return digits
  return short || /\/\s*$/.test(text) ? `${digits.slice(0, 2)} / ${short}` : digits.slice(0, 2)
}

export type Expiry = { month: string; year: string }
export function parseExpiry(text: string): Expiry | undefined {
  const match = /^(0[1-9]|1[0-2])\s*\/\s*(?:20)?(\d{2})$/.exec(text.trim())
  return match?.[1] && match[2] ? { month: match[1], year: `20${match[2]}` } : undefined
}

/** A card is good until the end of the month that stands on it. */
export function isExpired({ month, year }: Expiry, today: Date): boolean {
  return Number(year) * 12 + Number(month) - 1 < today.getFullYear() * 12 + today.getMonth()
}

export const formatIban = (text: string): string =>
  text
    .replace(/[^0-9a-z]/gi, '')
    .toUpperCase()
    .slice(0, 34)
    .replace(/(.{4})(?=.)/g, '$1 ')

export function isIban(text: string): boolean {
  const iban = text.replace(/\s/g, '').toUpperCase()
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false
  let rest = 0
  for (const char of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(char, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}
