import { Skeleton } from '@stoa/ui'

/** The shape of its total. */
export function TotalSkeleton() {
  return (
    <div aria-hidden="true" className="grid gap-3">
      <Skeleton className="h-5 w-40" />
      {['subtotal', 'delivery'].map((row) => (
        <div key={row} className="flex justify-between gap-4">
          <Skeleton className="h-4 w-24" />
          <Skeleton className="h-4 w-20" />
        </div>
      ))}
      <div className="flex justify-between gap-4 border-t pt-4">
        <Skeleton className="h-6 w-20" />
        <Skeleton className="h-6 w-28" />
      </div>
      <Skeleton className="mt-3 h-13 w-full" />
    </div>
  )
}

/** The shape of a cart while it is on its way. */
export function CartSkeleton() {
  return (
    <div aria-hidden="true" className="divide-y">
      {['one', 'two'].map((line) => (
        <div key={line} className="flex gap-4 py-5">
          <Skeleton className="aspect-4/5 w-22 flex-none sm:w-26" />
          <div className="flex-1">
            <Skeleton className="h-4 w-2/3" />
            <Skeleton className="mt-2 h-4 w-1/3" />
            <Skeleton className="mt-8 h-9 w-28" />
          </div>
        </div>
      ))}
    </div>
  )
}
