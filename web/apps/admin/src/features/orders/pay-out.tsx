import { newIdempotencyKey } from '@stoa/api-client'
import { Alert, Button, toast } from '@stoa/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { deskOrder, type OrderMoney, orderMoney, payOut } from '../../api/orders'
import { money } from '../../lib/format'
import { problemText } from '../../lib/problem'
import { isRefused } from '../../lib/use-previewed'

/** What the buyer has to get back and nobody has sent: a provider refused it, or a gift card it was paid with is blocked. */
export function PayOut({ id, data }: { id: string; data: OrderMoney }) {
  const client = useQueryClient()
  const key = useRef(newIdempotencyKey())
  const send = useMutation({
    mutationFn: (asStoreCredit: boolean) => payOut(id, data, asStoreCredit, key.current),
    onSuccess: (after) => {
      key.current = newIdempotencyKey()
      client.setQueryData(orderMoney(id).queryKey, after)
      void client.invalidateQueries({ queryKey: deskOrder(id).queryKey })
      toast('It is on its way.', { tone: 'success' })
    },
    onError: (error) => {
      if (isRefused(error)) key.current = newIdempotencyKey()
      void client.invalidateQueries({ queryKey: orderMoney(id).queryKey })
    },
  })
  return (
    <div className="space-y-2 border-t p-4">
      <p className="flex justify-between gap-4 font-semibold">
        <span>Not on its way back yet</span>
        <span className="tabular-nums">{money(data.payable)}</span>
      </p>
      {send.error ? <Alert tone="error">{problemText(send.error)}</Alert> : null}
      <div className="flex flex-wrap gap-2">
        <Button size="sm" variant="secondary" disabled={send.isPending} onClick={() => send.mutate(false)}>
          Back to the payments
        </Button>
        <Button size="sm" variant="secondary" disabled={send.isPending} onClick={() => send.mutate(true)}>
          {data.gift_card_to ? `As a gift card to ${data.gift_card_to}` : 'As store credit'}
        </Button>
      </div>
    </div>
  )
}
