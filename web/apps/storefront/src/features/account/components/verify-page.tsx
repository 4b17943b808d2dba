'use client'
import { isApiError } from '@stoa/api-client'
import { Alert, Button, buttonVariants, EmptyState, Spinner } from '@stoa/ui'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { paths } from '@/config/paths'
import { errorKey } from '@/lib/error-message'
import { useHydrated } from '@/lib/use-hydrated'
import { useSearch } from '@/lib/use-search'
import { useVerify } from '../api/use-session-change'

/** Behind the link of the mail. Says yes to it at once: the click was the confirmation. */
export function VerifyPage() {
  const locale = useLocale()
  const t = useTranslations('account.verify')
  const common = useTranslations('common')
  const login = useTranslations('account.login')
  const errors = useTranslations('errors')
  const hydrated = useHydrated()
  const [search] = useSearch('')
  const token = new URLSearchParams(search).get('token') ?? ''
  const { mutate, data, error, isError, isPending } = useVerify()
  const asked = useRef(false)
  useEffect(() => {
    if (!hydrated || !token || asked.current) return
    asked.current = true
    mutate(token)
  }, [hydrated, token, mutate])

  if (
    (hydrated && !token) ||
    isApiError(error, 'account.token_invalid') ||
    isApiError(error, 'http.invalid_fields')
  ) {
    return (
      <EmptyState
        level={1}
        title={t('failedTitle')}
        action={
          <Link href={paths.login(locale)} prefetch={false} className={buttonVariants()}>
            {login('title')}
          </Link>
        }
      >
        {t('failedText')}
      </EmptyState>
    )
  }
  if (isError) {
    return (
      <div className="mx-auto max-w-md py-16">
        <Alert
          tone="error"
          title={t('title')}
          action={
            <Button size="sm" variant="outline" pending={isPending} onClick={() => mutate(token)}>
              {common('retry')}
            </Button>
          }
        >
          {errors(errorKey(error))}
        </Alert>
      </div>
    )
  }
  if (data?.customer) {
    return (
      <EmptyState
        level={1}
        title={t('doneTitle')}
        action={
          <Link href={paths.account(locale)} prefetch={false} className={buttonVariants()}>
            {t('toAccount')}
          </Link>
        }
      >
        {t('doneText', { email: data.customer.email })}
      </EmptyState>
    )
  }
  return (
    <div role="status" className="mx-auto grid max-w-md place-items-center py-24 text-center">
      <Spinner className="size-8" />
      <h1 className="headline mt-6 text-2xl">{t('title')}</h1>
      <p className="mt-2 text-muted-foreground">{t('working')}</p>
    </div>
  )
}
