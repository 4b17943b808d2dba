import type { Gift } from '@stoa/api-client'
import { isEmail } from '@/features/address/email'

/** What the shopper typed on the page of a gift card. */
export type GiftDraft = { name: string; email: string; sender: string; message: string; day: string }
export const emptyGift: GiftDraft = { name: '', email: '', sender: '', message: '', day: '' }

export type GiftProblem = 'emailBad' | 'dayPast' | 'dayFar'

const day = (at: Date): string => at.toISOString().slice(0, 10)
export const firstDay = (now: Date): string => day(now)
export const lastDay = (now: Date): string => day(new Date(now.getTime() + 365 * 86_400_000))

/** What is wrong, by field. Nothing has to be filled in: then the card goes to the buyer at once. */
export function giftProblems(draft: GiftDraft, now: Date): { email?: GiftProblem; day?: GiftProblem } {
  const email = draft.email.trim()
  return {
    ...(email && !isEmail(email) ? { email: 'emailBad' as const } : {}),
    ...(draft.day && draft.day < firstDay(now)
      ? { day: 'dayPast' as const }
      : draft.day > lastDay(now)
        ? { day: 'dayFar' as const }
        : {}),
  }
}

/** What is to be changed. */
export const toDraft = (gift: Gift): GiftDraft => ({
  name: gift.recipient_name ?? '',
  email: gift.recipient_email ?? '',
  sender: gift.sender_name ?? '',
  message: gift.message ?? '',
  day: gift.send_on ?? '',
})

/** As the API takes it: what was left empty is left out. */
export function toGift(draft: GiftDraft): Gift {
  const entries = {
    recipient_name: draft.name.trim(),
    recipient_email: draft.email.trim(),
    sender_name: draft.sender.trim(),
    message: draft.message.trim(),
    send_on: draft.day,
  }
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== ''))
}
