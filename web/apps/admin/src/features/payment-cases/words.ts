import { words } from '../../lib/format'

/** What differs, and what somebody should look at before deciding. */
const KINDS: Record<string, { label: string; what: string }> = {
  chargeback: {
    label: 'Chargeback',
    what: "The payer's bank took the money back. Answer the dispute at the payment provider in time, or accept it. Stop the parcel if it has not left.",
  },
  refund_made_elsewhere: {
    label: 'Refund made elsewhere',
    what: "Somebody refunded in the payment provider's own back office. The order says that the buyer owes the amount.",
  },
  charged_twice: {
    label: 'Charged twice',
    what: 'The provider charged a second time. That money goes back by itself; see that it has arrived.',
  },
  payment_not_booked: {
    label: 'Payment found late',
    what: 'The provider has a payment that our books did not have. It is booked now: the order counts on it, or it goes back.',
  },
  payment_missing_at_provider: {
    label: 'Payment missing',
    what: 'Our books have a payment that the provider does not list. Look the transaction up there.',
  },
  amount_differs: {
    label: 'Amount differs',
    what: 'The provider lists another amount than was asked for.',
  },
  debit_returned: {
    label: 'Debit came back',
    what: 'The bank returned a direct debit. Stop the parcel if it has not left, cancel the order, or ask for the money.',
  },
}
export const kindOf = (kind: string) => KINDS[kind]?.label ?? words(kind)
export const whatIs = (kind: string) => KINDS[kind]?.what ?? ''

const WAYS: Record<string, { label: string; effect: string }> = {
  accepted_as_loss: {
    label: 'Accept it as a loss',
    effect: 'The shop bears it. The buyer owes nothing for it any more.',
  },
  booked_as_refund: {
    label: 'It was a refund',
    effect: 'The buyer keeps the money, as a refund of the order. Nothing is sent a second time.',
  },
  refunded_elsewhere: {
    label: 'Paid back in another way',
    effect: 'It went back by bank transfer or the like, not by the payment provider.',
  },
  won_back: {
    label: 'Won back',
    effect: 'The bank gave the money back. The order counts as paid again.',
  },
  not_paid: {
    label: 'It was never paid',
    effect: 'The buyer owes it again: ask for the money, or cancel the order.',
  },
  difference_booked: {
    label: 'Book the difference',
    effect: 'Our books follow what the provider lists.',
  },
  settled: {
    label: 'Settled',
    effect: 'Nothing is open any more. Nothing is booked.',
  },
  was_error: {
    label: 'It was an error',
    effect: 'The provider had it wrong, or it is explained. What was booked for it is taken back.',
  },
}
export const wayOf = (resolution: string) => WAYS[resolution]?.label ?? words(resolution)
export const effectOf = (resolution: string) => WAYS[resolution]?.effect ?? ''
