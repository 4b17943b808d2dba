import type { Cart } from '@stoa/api-client'
import { cn, formatMoney, Truck } from '@stoa/ui'
import { useLocale, useTranslations } from 'next-intl'

/** How far it is to free delivery. */
export function FreeDelivery({ progress }: { progress: NonNullable<Cart['free_shipping']> }) {
  const locale = useLocale()
  const t = useTranslations('cart')
  const { threshold, remaining, reached } = progress
  const share = threshold.amount > 0 ? 1 - Math.max(0, remaining.amount) / threshold.amount : 1
  return (
    <div className="rounded-lg bg-accent px-4 py-3 text-sm text-accent-foreground">
      <p aria-live="polite" className="flex items-center gap-2.5">
        <Truck className="size-4.5 flex-none" aria-hidden="true" />
        <span>
          {reached
            ? t('freeReached')
            : t.rich('freeRemaining', {
                amount: formatMoney(remaining, locale, { whole: true }),
                strong: (chunks) => <strong className="font-medium tabular-nums">{chunks}</strong>,
              })}
        </span>
      </p>
      <div
        role="progressbar"
        aria-label={t('freeProgress')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        className={cn('mt-2.5 h-1 overflow-hidden rounded-full bg-border', reached && 'hidden')}
      >
        <div
          className="h-full origin-left rounded-full bg-primary transition-transform duration-250"
          style={{ transform: `scaleX(${share})` }}
        />
      </div>
    </div>
  )
}
