import { useQueryClient } from '@tanstack/react-query'
import { oneReturn, type Return } from '../../api/returns'

/** Everything that shows returns or the order is out of date. */
export function useChanged(one: Return) {
  const client = useQueryClient()
  return (after?: Return) => {
    if (after) client.setQueryData(oneReturn(one.id).queryKey, after)
    else void client.invalidateQueries({ queryKey: oneReturn(one.id).queryKey })
    for (const key of [['returns'], ['desk-order', one.order_id], ['order-money', one.order_id]])
      void client.invalidateQueries({ queryKey: key })
  }
}
