import type { OrderGiftCard } from '@stoa/api-client'
import { formatMoney } from '@stoa/ui'
import { useLocale, useTranslations } from 'next-intl'
import { formatDay } from '@/lib/dates'

/** Of a line of gift cards: whom each is for, and whether it was sent. Its code is with whoever it was mailed to. */
export function BoughtGiftCards({ cards }: { cards: OrderGiftCard[] }) {
  const t = useTranslations('order.giftCard')
  const locale = useLocale()
  if (cards.length === 0) return null
  return (
    <ul className="mt-1 grid gap-1">
      {cards.map((card, index) => {
        const name = card.recipient_name || card.recipient_email
        const amount = formatMoney(card.amount, locale)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: cards of an order keep their places
          <li key={index} className="break-words">
            {name ? t('to', { amount, name }) : t('toYou', { amount })}
            <span className="block text-muted-foreground tabular-nums">
              {card.state === 'issued'
                ? t('issued', { hint: card.code_hint ?? '' })
                : card.state === 'paid' && card.send_on
                  ? t('paidOn', { day: formatDay(card.send_on, locale) })
                  : t(card.state)}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
