import { isApiError, newIdempotencyKey } from '@stoa/api-client'
import { toast } from '@stoa/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { deskOrder, planShipments } from '../../api/orders'
import { problemText } from '../../lib/problem'

/** Puts all that is left of some orders into shipments, and says of each that it could not be. */
export function usePlanning() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async ({ orders, anyway }: { orders: readonly string[]; anyway: boolean }) => {
      const failed: string[] = []
      // One after another: they want the same goods.
      for (const id of orders) {
        try {
          await planShipments(id, newIdempotencyKey(), anyway)
        } catch (error) {
          if (!isApiError(error)) throw error
          const { order } = await client.fetchQuery(deskOrder(id))
          failed.push(`${order.number}: ${problemText(error)}`)
        }
      }
      return failed
    },
    onSuccess: (failed) => {
      if (failed.length === 0) toast('All of it is in shipments now.', { tone: 'success' })
    },
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['picking'] })
      void client.invalidateQueries({ queryKey: ['desk-order'] })
    },
  })
}
