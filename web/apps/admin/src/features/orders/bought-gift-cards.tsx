import type { OrderGiftCard } from '@stoa/api-client'
import { money } from '../../lib/format'

const STATE: Record<OrderGiftCard['state'], string> = {
  ordered: 'not paid for',
  paid: 'waits for its day',
  issued: 'issued',
  withdrawn: 'taken back',
}

/** Of a line of gift cards: whom each is for, and the card that was issued. Its code is with whoever it was mailed to. */
export function BoughtGiftCards({ cards }: { cards: OrderGiftCard[] }) {
  if (cards.length === 0) return null
  return (
    <ul className="mt-1 text-xs text-muted-foreground">
      {cards.map((card, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cards of an order keep their places
        <li key={index} className="tabular-nums">
          {[
            money(card.amount),
            STATE[card.state],
            card.code_hint ? `•••• ${card.code_hint}` : '',
            [card.recipient_name, card.recipient_email].filter(Boolean).join(', ') || 'to the buyer',
            card.state !== 'issued' && card.send_on ? `on ${card.send_on}` : '',
          ]
            .filter(Boolean)
            .join(' · ')}
        </li>
      ))}
    </ul>
  )
}
