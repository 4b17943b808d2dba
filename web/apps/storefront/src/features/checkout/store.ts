'use client'
import { newIdempotencyKey } from '@stoa/api-client'
import { create } from 'zustand'

/** What is typed on the payment page. It lives in this page's memory and nowhere else. */
export type PaymentDraft = {
  /** "card", "sepa", "invoice", "hosted", or "stored:<id>". */
  choice: string | undefined
  number: string
  expiry: string
  cvv: string
  holder: string
  saveCard: boolean
  iban: string
  accountHolder: string
}

const nothing: PaymentDraft = {
  choice: undefined,
  number: '',
  expiry: '',
  cvv: '',
  holder: '',
  saveCard: false,
  iban: '',
  accountHolder: '',
}

/** One press of the button: the same key goes out however often the call has to be repeated. */
export type Intent = { key: string; body: string }

type CheckoutStore = {
  draft: PaymentDraft
  /** The form was filled in and checked; the review may be shown. */
  chosen: boolean
  /** Problem code of the payment that was declined last. */
  decline: string | undefined
  intent: Intent | undefined
  edit: (change: Partial<PaymentDraft>) => void
  /** Fills in what can be known: a choice when the one made is not offered, and the payer's name. */
  prepare: (offered: readonly string[], name: string) => void
  choose: () => void
  declined: (code: string) => void
  /** The key for this body: the one of the last press while its outcome is unknown, a new one otherwise. */
  keyFor: (body: string) => string
  /** The outcome is known: the next press is a new intent. */
  settled: () => void
  forget: () => void
}

export const useCheckoutStore = create<CheckoutStore>()((set, get) => ({
  draft: nothing,
  chosen: false,
  decline: undefined,
  intent: undefined,
  edit: (change) => set(({ draft }) => ({ draft: { ...draft, ...change }, chosen: false })),
  prepare: (offered, name) => {
    const { draft, edit } = get()
    const change: Partial<PaymentDraft> = {}
    if (!offered.includes(draft.choice ?? '') && offered[0] !== undefined) change.choice = offered[0]
    if (!draft.holder && name) change.holder = name
    if (!draft.accountHolder && name) change.accountHolder = name
    if (Object.keys(change).length > 0) edit(change)
  },
  choose: () => set({ chosen: true, decline: undefined }),
  declined: (code) => set({ decline: code, chosen: false, intent: undefined }),
  keyFor: (body) => {
    const { intent } = get()
    if (intent?.body === body) return intent.key
    const key = newIdempotencyKey()
    set({ intent: { key, body } })
    return key
  },
  settled: () => set({ intent: undefined }),
  forget: () => set({ draft: nothing, chosen: false, decline: undefined, intent: undefined }),
}))
