import { Button, toast } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { close, type Return } from '../../api/returns'
import { problemText } from '../../lib/problem'
import { useChanged } from './use-changed'

/** Ends a return for which nothing is given: it was received, or it never came. */
export function CloseButton({ one }: { one: Return }) {
  const changed = useChanged(one)
  const missing = one.state === 'approved'
  const end = useMutation({
    mutationFn: () => close(one.id),
    onSuccess: (after) => {
      changed(after)
      toast(missing ? 'Closed: it did not come.' : 'Closed without a refund.')
    },
    onError: (error) => {
      changed()
      toast(problemText(error), { tone: 'error' })
    },
  })
  return (
    <Button size="sm" variant="ghost" pending={end.isPending} onClick={() => end.mutate()}>
      {missing ? 'It did not come' : 'Close without a refund'}
    </Button>
  )
}
