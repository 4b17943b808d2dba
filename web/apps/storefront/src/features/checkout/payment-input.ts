import type { PaymentInput } from '@stoa/api-client'
import type { Messages } from '@/i18n/messages'
import { cvvLength, digitsOf, isCardNumber, isExpired, isIban, parseExpiry } from './card'
import type { PaymentDraft } from './store'

export type PaymentField = 'number' | 'expiry' | 'cvv' | 'holder' | 'iban' | 'accountHolder'
export type PaymentProblems = Partial<
  Record<PaymentField, keyof Messages['checkout']['payment'] | 'required'>
>

export function checkPayment(draft: PaymentDraft, today: Date): PaymentProblems {
  const problems: PaymentProblems = {}
  if (draft.choice === 'card') {
    if (!draft.number.trim()) problems.number = 'required'
    else if (!isCardNumber(draft.number)) problems.number = 'numberBad'
    const expiry = parseExpiry(draft.expiry)
    if (!draft.expiry.trim()) problems.expiry = 'required'
    else if (!expiry) problems.expiry = 'expiryBad'
    else if (isExpired(expiry, today)) problems.expiry = 'expired'
    if (!draft.cvv.trim()) problems.cvv = 'required'
    else if (digitsOf(draft.cvv).length !== cvvLength(draft.number)) problems.cvv = 'cvvBad'
    if (!draft.holder.trim()) problems.holder = 'required'
  }
  if (draft.choice === 'sepa') {
    if (!draft.iban.trim()) problems.iban = 'required'
    else if (!isIban(draft.iban)) problems.iban = 'ibanBad'
    if (!draft.accountHolder.trim()) problems.accountHolder = 'required'
  }
  return problems
}

/** As the API takes it, or undefined while something is missing. */
export function toPayment(draft: PaymentDraft, guest: boolean): PaymentInput | undefined {
  if (draft.choice?.startsWith('stored:')) {
    return { method: 'stored_card', stored_card_id: draft.choice.slice('stored:'.length) }
  }
  switch (draft.choice) {
    case 'card': {
      const expiry = parseExpiry(draft.expiry)
      if (!expiry) return undefined
      return {
        method: 'card',
        card: {
          number: digitsOf(draft.number),
          expiry_month: expiry.month,
          expiry_year: expiry.year,
          cvv: digitsOf(draft.cvv),
          holder: draft.holder.trim(),
        },
        ...(guest ? {} : { save_card: draft.saveCard }),
      }
    }
    case 'sepa':
      return {
        method: 'sepa',
        iban: draft.iban.replace(/\s/g, ''),
        account_holder: draft.accountHolder.trim(),
      }
    case 'invoice':
    case 'hosted':
      return { method: draft.choice }
    default:
      return undefined
  }
}
