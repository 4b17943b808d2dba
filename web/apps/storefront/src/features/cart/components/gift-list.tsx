import type { Gift } from '@stoa/api-client'
import { useLocale, useTranslations } from 'next-intl'
import { formatDay } from '@/lib/dates'

/** Cards for the same person on the same day are one entry. */
export function groupGifts(gifts: Gift[]): { gift: Gift; count: number }[] {
  const groups: { key: string; gift: Gift; count: number }[] = []
  for (const gift of gifts) {
    const key = JSON.stringify([
      gift.recipient_email,
      gift.recipient_name,
      gift.sender_name,
      gift.message,
      gift.send_on,
    ])
    const same = groups.find((group) => group.key === key)
    if (same) same.count += 1
    else groups.push({ key, gift, count: 1 })
  }
  return groups.map(({ gift, count }) => ({ gift, count }))
}

/** Whom the gift cards of a line are for. */
export function GiftList({ gifts }: { gifts: Gift[] }) {
  const t = useTranslations('cart.gift')
  const locale = useLocale()
  const groups = groupGifts(gifts)
  return (
    <ul className="mt-1 grid gap-0.5 text-sm text-muted-foreground">
      {groups.map(({ gift, count }) => (
        <li key={JSON.stringify(gift)} className="min-w-0 break-words">
          {groups.length > 1 || count > 1 ? <span className="tabular-nums">{count} × </span> : null}
          {gift.recipient_name || gift.recipient_email
            ? t('to', {
                name: [gift.recipient_name, gift.recipient_email].filter(Boolean).join(', '),
              })
            : t('toYou')}
          {gift.send_on ? `, ${t('on', { day: formatDay(gift.send_on, locale) })}` : null}
        </li>
      ))}
    </ul>
  )
}
