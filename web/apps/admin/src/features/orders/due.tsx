import { newIdempotencyKey } from '@stoa/api-client'
import { Alert, Button, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { chargeCard, deskOrder, orderDue, orderMoney, sendPaymentLink } from '../../api/orders'
import { money } from '../../lib/format'
import { problemText } from '../../lib/problem'

/** What became due by a change, and how it is collected: a link for the buyer, or a saved card that may be charged. */
export function DuePayment({ id, may }: { id: string; may: boolean }) {
  const client = useQueryClient()
  const found = useQuery(orderDue(id))
  const key = useRef(newIdempotencyKey())
  const refresh = () => {
    key.current = newIdempotencyKey()
    for (const query of [orderDue(id), orderMoney(id), deskOrder(id)])
      void client.invalidateQueries({ queryKey: query.queryKey })
  }
  const link = useMutation({
    mutationFn: () => sendPaymentLink(id, (found.data as NonNullable<typeof found.data>).due, key.current),
    onSuccess: () => toast('The link is on its way to the buyer.', { tone: 'success' }),
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: refresh,
  })
  const charge = useMutation({
    mutationFn: (card: string) =>
      chargeCard(id, (found.data as NonNullable<typeof found.data>).due, card, key.current),
    onSuccess: ({ status, decline }) =>
      status === 'completed'
        ? toast('The card was charged.', { tone: 'success' })
        : status === 'declined'
          ? toast(decline?.message ?? 'The card was declined.', { tone: 'error' })
          : toast('The provider has not answered yet; it is looked at again.'),
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: refresh,
  })
  if (!found.data || found.data.due.amount === 0) return null
  const { due, processing, cards } = found.data
  const busy = link.isPending || charge.isPending
  return (
    <div className="space-y-2 border-t p-4">
      <p className="flex justify-between gap-4 font-semibold">
        <span>To be collected</span>
        <span className="tabular-nums">{money(due)}</span>
      </p>
      {processing ? <Alert tone="warning">A payment of it is under way.</Alert> : null}
      {may && !processing ? (
        <div className="flex flex-wrap gap-2">
          <Button
            size="sm"
            variant="secondary"
            disabled={busy}
            pending={link.isPending}
            onClick={() => link.mutate()}
          >
            Send a payment link
          </Button>
          {cards.map((card) => (
            <Button
              key={card.id}
              size="sm"
              variant="outline"
              disabled={busy}
              pending={charge.isPending}
              onClick={() => charge.mutate(card.id)}
            >
              Charge {card.brand} •••• {card.last4}
            </Button>
          ))}
        </div>
      ) : null}
    </div>
  )
}
