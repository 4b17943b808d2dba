import { Button, toast } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { close, type Return } from '../../api/returns'
import { problemText } from '../../lib/problem'
import { useChanged } from './use-changed'

/** Ends a received return for which nothing is given. */
export function CloseButton({ one }: { one: Return }) {
  const changed = useChanged(one)
  const end = useMutation({
    mutationFn: () => close(one.id),
    onSuccess: (after) => {
      changed(after)
      toast('Closed without a refund.')
    },
    onError: (error) => {
      changed()
      toast(problemText(error), { tone: 'error' })
    },
  })
  return (
    <Button size="sm" variant="ghost" pending={end.isPending} onClick={() => end.mutate()}>
      Close without a refund
    </Button>
  )
}
