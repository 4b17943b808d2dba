import type { Gift } from '@stoa/api-client'
import { useLocale, useTranslations } from 'next-intl'
import { formatDay } from '@/lib/dates'

const keyOf = (gift: Gift): string =>
  JSON.stringify([
    gift.recipient_email ?? null,
    gift.recipient_name ?? null,
    gift.sender_name ?? null,
    gift.message ?? null,
    gift.send_on ?? null,
  ])

/** Those of one entry become others. */
export const replaceGifts = (gifts: Gift[], before: Gift, after: Gift): Gift[] =>
  gifts.map((gift) => (keyOf(gift) === keyOf(before) ? after : gift))

/** Cards for the same person on the same day are one entry. */
export function groupGifts(gifts: Gift[]): { gift: Gift; count: number }[] {
  const groups: { key: string; gift: Gift; count: number }[] = []
  for (const gift of gifts) {
    const key = keyOf(gift)
    const same = groups.find((group) => group.key === key)
    if (same) same.count += 1
    else groups.push({ key, gift, count: 1 })
  }
  return groups.map(({ gift, count }) => ({ gift, count }))
}

/** Whom the gift cards of a line are for, and a way to change that where there is one. */
export function GiftList({
  gifts,
  onChange,
}: {
  gifts: Gift[]
  onChange?: ((gift: Gift) => void) | undefined
}) {
  const t = useTranslations('cart.gift')
  const locale = useLocale()
  const groups = groupGifts(gifts)
  const say = (gift: Gift) =>
    [
      gift.recipient_name || gift.recipient_email
        ? t('to', { name: [gift.recipient_name, gift.recipient_email].filter(Boolean).join(', ') })
        : t('toYou'),
      gift.send_on ? t('on', { day: formatDay(gift.send_on, locale) }) : '',
    ]
      .filter(Boolean)
      .join(', ')
  return (
    <ul className="mt-1 grid gap-0.5 text-sm text-muted-foreground">
      {groups.map(({ gift, count }) => (
        <li key={JSON.stringify(gift)} className="min-w-0 break-words">
          {groups.length > 1 || count > 1 ? <span className="tabular-nums">{count} × </span> : null}
          {say(gift)}
          {onChange ? (
            <button
              type="button"
              onClick={() => onChange(gift)}
              aria-label={t('changeOf', { name: say(gift) })}
              className="ml-2 underline underline-offset-4 hover:text-foreground"
            >
              {t('change')}
            </button>
          ) : null}
        </li>
      ))}
    </ul>
  )
}
