import { Skeleton } from '@stoa/ui'

/** The shape of a cart while it is on its way. */
export function CartSkeleton({ lines = 2 }: { lines?: number }) {
  return (
    <div aria-hidden="true" className="divide-y">
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey boxes have no other name
        <div key={index} className="flex gap-4 py-5">
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
