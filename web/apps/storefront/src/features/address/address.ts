import type { Address, Country, FieldError } from '@stoa/api-client'
import type { Messages } from '@/i18n/messages'

export const addressFields = [
  'country',
  'first_name',
  'last_name',
  'company',
  'line1',
  'line2',
  'postal_code',
  'city',
  'state',
  'phone',
] as const
export type AddressField = (typeof addressFields)[number]

/** An address while it is being typed: no member is ever missing. */
export type AddressDraft = Record<AddressField, string>
export type AddressProblem = { key: keyof Messages['address']; example?: string }
export type AddressProblems = Partial<Record<AddressField, AddressProblem>>

export const emptyAddress = (country: string): AddressDraft => ({
  country,
  first_name: '',
  last_name: '',
  company: '',
  line1: '',
  line2: '',
  postal_code: '',
  city: '',
  state: '',
  phone: '',
})

export function draftOf(address: Address): AddressDraft {
  const draft = emptyAddress(address.country)
  for (const field of addressFields) draft[field] = address[field] ?? ''
  return draft
}

/** As the API takes it: what was left empty is left out. */
export function toAddress(draft: AddressDraft): Address {
  const text = (field: AddressField) => draft[field].trim()
  const optional = (field: AddressField) => (text(field) ? { [field]: text(field) } : {})
  return {
    country: draft.country,
    first_name: text('first_name'),
    last_name: text('last_name'),
    line1: text('line1'),
    postal_code: text('postal_code'),
    city: text('city'),
    ...optional('company'),
    ...optional('line2'),
    ...optional('state'),
    ...optional('phone'),
  }
}

const LONGEST: Partial<Record<AddressField, number>> = {
  first_name: 80,
  last_name: 80,
  company: 120,
  line1: 120,
  line2: 120,
  postal_code: 16,
  city: 80,
  state: 80,
  phone: 32,
}

/** The API writes codes its own way; spaces, hyphens and a country in front are forgiven here as they are there. */
function looksLike(pattern: string, text: string): boolean {
  const whole = new RegExp(`^(?:${pattern})$`)
  const tidy = text.trim().toUpperCase()
  const bare = tidy.replace(/[\s.-]/g, '')
  return [
    tidy,
    bare,
    bare.replace(/^[A-Z]{1,2}(?=\d)/, ''),
    spaced(bare, 4),
    spaced(bare, 3),
    spaced(bare, -3),
    hyphened(bare),
  ].some((form) => whole.test(form))
}
const spaced = (text: string, at: number) => `${text.slice(0, at)} ${text.slice(at)}`
const hyphened = (text: string) =>
  text.length === 5 ? `${text.slice(0, 2)}-${text.slice(2)}` : `${text.slice(0, 4)}-${text.slice(4)}`

/** What can be said before the server is asked; it has the last word. */
export function checkAddress(draft: AddressDraft, country: Country | undefined): AddressProblems {
  const problems: AddressProblems = {}
  const required: AddressField[] = ['country', 'first_name', 'last_name', 'line1', 'city']
  if (country?.postal_code_pattern) required.push('postal_code')
  if (country?.state_required) required.push('state')
  for (const field of required) if (!draft[field].trim()) problems[field] = { key: 'required' }
  for (const field of addressFields) {
    const longest = LONGEST[field]
    if (longest !== undefined && draft[field].trim().length > longest) problems[field] = { key: 'tooLong' }
  }
  const pattern = country?.postal_code_pattern
  if (!problems.postal_code && pattern && !looksLike(pattern, draft.postal_code)) {
    problems.postal_code = { key: 'postalCode', example: country?.postal_code_example ?? '' }
  }
  const phone = draft.phone.trim()
  if (phone && (!/^[+\d ()./-]+$/.test(phone) || phone.replace(/\D/g, '').length < 5)) {
    problems.phone = { key: 'phoneBad' }
  }
  return problems
}

const CODES: Record<string, keyof Messages['address']> = {
  required: 'required',
  blank: 'required',
  too_long: 'tooLong',
  postal_code_invalid: 'postalCode',
  phone_invalid: 'phoneBad',
  country_not_served: 'notServed',
  not_delivered: 'notServed',
}

/** What the server found wrong, by field. `at` is the JSON pointer of the address, such as "/shipping". */
export function problemsFrom(
  errors: readonly FieldError[],
  at: string,
  country: Country | undefined,
): AddressProblems {
  const problems: AddressProblems = {}
  for (const field of addressFields) {
    const error = errors.find(({ pointer }) => pointer === `${at}/${field}`)
    if (!error) continue
    const key = CODES[error.code] ?? 'check'
    problems[field] = {
      key,
      ...(key === 'postalCode' ? { example: country?.postal_code_example ?? '' } : {}),
    }
  }
  return problems
}
