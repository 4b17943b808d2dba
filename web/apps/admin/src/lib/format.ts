import { formatMoney, type Money } from '@stoa/ui'

const LOCALE = 'en-GB'

const numbers = new Intl.NumberFormat(LOCALE)
export const number = (value: number): string => numbers.format(value)

export const money = (value: Money): string => formatMoney(value, 'en')

const dates = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', year: 'numeric' })
const days = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' })
const times = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' })

const parsed = (value: string): Date | null => {
  // A calendar day has no time zone: the same day everywhere.
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value)
  const date = day ? new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3])) : new Date(value)
  return Number.isNaN(date.getTime()) ? null : date
}

export function date(value: string): string {
  const found = parsed(value)
  return found ? dates.format(found) : value
}

export function exactTime(value: string): string {
  const found = parsed(value)
  return found ? `${dates.format(found)}, ${times.format(found)}` : value
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const MINUTE = 60_000

/** "5 minutes ago" within a day, "Wed 14:02" never: then the day itself. */
export function ago(value: string, now: number = Date.now()): string {
  const found = parsed(value)
  if (!found) return value
  const passed = found.getTime() - now
  const size = Math.abs(passed)
  if (size < MINUTE) return 'just now'
  if (size < 60 * MINUTE) return relative.format(Math.trunc(passed / MINUTE), 'minute')
  if (size < 24 * 60 * MINUTE) return relative.format(Math.trunc(passed / (60 * MINUTE)), 'hour')
  return found.getFullYear() === new Date(now).getFullYear() ? days.format(found) : dates.format(found)
}

/** "awaiting_payment" as words. */
export const words = (value: string): string => {
  const text = value.replace(/[_.-]+/g, ' ').trim()
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const TONES: Record<string, 'success' | 'warning' | 'destructive' | 'accent'> = {}
for (const [tone, states] of [
  [
    'success',
    'active published paid captured completed delivered approved done succeeded enabled in_stock confirmed signed_in received settled refunded resolved',
  ],
  [
    'warning',
    'pending pending_payment draft awaiting_payment authorized processing on_hold held low waiting open requested partially_refunded partially_paid running queued unverified new retrying',
  ],
  [
    'destructive',
    'cancelled canceled failed dead rejected blocked expired voided lost out_of_stock suspended disputed declined',
  ],
  ['accent', 'scheduled shipped in_transit ready picking packed returning label_created handed_over'],
] as const)
  for (const state of states.split(' ')) TONES[state] = tone

/** The colour beside a state's word. A state that nobody told of here is neutral. */
export const toneOf = (state: string) => TONES[state.toLowerCase()] ?? 'neutral'

const DEEDS: Record<string, string> = {
  create: 'Created',
  update: 'Changed',
  delete: 'Deleted',
  import: 'Imported',
  export: 'Exported',
  hand_over: 'Handed to the carrier',
  announce: 'Announced to the carrier',
  cancel: 'Cancelled',
  split: 'Split',
  correct: 'Corrected the address',
  send: 'Sent',
  rotate_secret: 'Renewed the secret',
  request_payment: 'Asked for payment',
  charge: 'Charged',
  replay: 'Tried again',
  refund: 'Refunded',
  pay_out: 'Paid out',
  receive: 'Received',
  approved: 'Approved',
  rejected: 'Refused',
  closed: 'Closed',
  no_label: 'Sent without a label',
  note: 'Noted',
  grant_credit: 'Gave store credit',
  exchange: 'Exchanged',
  change: 'Changed the goods',
  add_passkey: 'Added a passkey',
  remove_passkey: 'Removed a passkey',
  enable_totp: 'Turned the second factor on',
  disable_totp: 'Turned the second factor off',
  sign_out: 'Signed out everywhere',
  reset_totp: 'Removed the second factor',
  remove_passkeys: 'Removed the passkeys',
  password: 'Changed the password',
  publish: 'Put on sale',
  withdraw: 'Made a draft',
  archive: 'Archived',
  approve: 'Approved',
  reject: 'Refused',
  adjust: 'Changed the stock',
  generate_codes: 'Made codes',
  add_members: 'Added members',
  remove_members: 'Removed members',
  limit_to: 'Limited who sees it',
  show_to_everybody: 'Showed it to everybody',
  resolve: 'Resolved',
}
/** What the log calls a deed, as a person tells of it: "Handed to the carrier". */
export const deed = (action: string): string => DEEDS[action] ?? words(action)

const CARRIERS: Record<string, string> = {
  postnl: 'PostNL',
  dhl: 'DHL',
  dhl_express: 'DHL Express',
  dpd: 'DPD',
  gls: 'GLS',
  ups: 'UPS',
  fedex: 'FedEx',
  hermes: 'Hermes',
  colissimo: 'Colissimo',
  mondial_relay: 'Mondial Relay',
  bpost: 'bpost',
  own: 'own delivery',
}
export const carrierName = (code: string): string => CARRIERS[code.toLowerCase()] ?? code

const countries = new Intl.DisplayNames('en', { type: 'region' })
const languages = new Intl.DisplayNames('en', { type: 'language' })

/** "Germany" for "DE". */
export const countryName = (code: string): string =>
  /^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code
/** "German" for "de". */
export const languageName = (code: string): string =>
  /^[a-z]{2}$/.test(code) ? (languages.of(code) ?? code) : code
