import type { Money } from '@stoa/api-client'
import { cn, formatMoney } from '@stoa/ui'
import { useLocale, useTranslations } from 'next-intl'

/** What a line costs; with a reduction also what it cost before it, since that is what the subtotal below adds up. */
export function LineAmount({
  line: { total, discount },
  className,
}: {
  line: { total: Money; discount: Money }
  className?: string
}) {
  const locale = useLocale()
  const t = useTranslations('common.price')
  const reduced = discount.amount > 0
  return (
    <span className={cn('block text-right text-sm tabular-nums', className)}>
      <span className={cn('block', reduced && 'text-sale')}>
        {reduced ? <span className="sr-only">{t('now')} </span> : null}
        {formatMoney(total, locale)}
      </span>
      {reduced ? (
        <span className="block text-xs text-muted-foreground">
          <span className="sr-only">{t('before')} </span>
          <s>{formatMoney({ ...total, amount: total.amount + discount.amount }, locale)}</s>
        </span>
      ) : null}
    </span>
  )
}
