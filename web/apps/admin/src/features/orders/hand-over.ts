import { isApiError } from '@stoa/api-client'
import { toast } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { actOnShipment, type Shipment } from '../../api/orders'
import { problemText } from '../../lib/problem'

/** The carrier has them. What could not be marked, because it was cancelled meanwhile, say, is told one by one. */
export async function handOver(shipments: readonly Shipment[]): Promise<string[]> {
  const failed: string[] = []
  for (const { id, order_number, number } of shipments) {
    try {
      await actOnShipment(id, 'hand-over')
    } catch (error) {
      if (!isApiError(error)) throw error
      failed.push(`${order_number}-${number}: ${problemText(error)}`)
    }
  }
  return failed
}

export const useHandOver = (refresh: () => void) =>
  useMutation({
    mutationFn: handOver,
    onSuccess: (failed, shipments) => {
      const gone = shipments.length - failed.length
      if (gone)
        toast(gone === 1 ? 'Marked as handed over.' : `${gone} are marked as handed over.`, {
          tone: failed.length ? undefined : 'success',
        })
    },
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: refresh,
  })
