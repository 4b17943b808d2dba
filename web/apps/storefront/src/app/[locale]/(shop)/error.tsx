'use client'
import { Button } from '@stoa/ui'
import { useTranslations } from 'next-intl'

export default function ShopError({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  const t = useTranslations('shell')
  const common = useTranslations('common')
  return (
    <div className="container-page grid place-items-center py-24 text-center lg:py-36">
      <div className="max-w-xl" role="alert">
        <h1 className="headline text-4xl">{t('errorTitle')}</h1>
        <p className="mt-4 text-lg text-muted-foreground">{t('errorText')}</p>
        <Button className="mt-8" onClick={reset}>
          {common('retry')}
        </Button>
        {error.digest ? <p className="mt-6 font-mono text-xs text-muted-foreground">{error.digest}</p> : null}
      </div>
    </div>
  )
}
