import { buttonVariants, EmptyState } from '@stoa/ui'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { paths } from '@/config/paths'

export function CartEmpty({ onNavigate, level = 2 }: { onNavigate?: () => void; level?: 2 | 3 }) {
  const locale = useLocale()
  const t = useTranslations('cart')
  return (
    <EmptyState
      level={level}
      title={t('emptyTitle')}
      action={
        <>
          <Link href={paths.home(locale)} onClick={onNavigate} className={buttonVariants()}>
            {t('emptyNew')}
          </Link>
          <Link
            href={paths.search(locale)}
            onClick={onNavigate}
            className={buttonVariants({ variant: 'outline' })}
          >
            {t('emptySearch')}
          </Link>
        </>
      }
    >
      {t('emptyText')}
    </EmptyState>
  )
}
