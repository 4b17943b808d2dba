import { cn } from './cn'
import { formatMoney, type Money } from './money'

export type PriceView = {
  amount: Money
  regular?: Money | null
  discount_percent?: number | null
}

/**
 * What one costs, and what it cost before. `labels` are read to people who cannot see the line through a number;
 * `from` is the word before a price that is the lowest of several.
 */
export function Price({
  price,
  locale,
  labels,
  from,
  size = 'md',
  className,
}: {
  price: PriceView
  locale: string
  labels: { now: string; before: string }
  from?: string
  size?: 'sm' | 'md' | 'lg'
  className?: string
}) {
  const reduced = price.regular != null && price.regular.amount > price.amount.amount
  return (
    <span
      data-price={price.amount.currency}
      className={cn('inline-flex flex-wrap items-baseline gap-x-2 tabular-nums', className)}
    >
      <span
        className={cn(
          size === 'lg' ? 'text-2xl font-medium' : size === 'md' ? 'text-base' : 'text-sm',
          reduced && 'text-sale',
        )}
      >
        {reduced ? <span className="sr-only">{labels.now} </span> : null}
        {from ? (
          <span className={cn('text-muted-foreground', size === 'lg' ? 'text-lg' : 'text-sm')}>{from} </span>
        ) : null}
        {formatMoney(price.amount, locale, { whole: true })}
      </span>
      {reduced && price.regular ? (
        <span className={cn('text-muted-foreground', size === 'lg' ? 'text-lg' : 'text-sm')}>
          <span className="sr-only">{labels.before} </span>
          <s>{formatMoney(price.regular, locale, { whole: true })}</s>
        </span>
      ) : null}
    </span>
  )
}
