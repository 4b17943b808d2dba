'use client'
import { isApiError } from '@stoa/api-client'
import { Alert, Button, buttonVariants, EmptyState } from '@stoa/ui'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { paths } from '@/config/paths'
import { errorKey } from '@/lib/error-message'
import { useHydrated } from '@/lib/use-hydrated'
import { useSearch } from '@/lib/use-search'
import { useResetPassword } from '../api/use-session-change'
import { SHORTEST_PASSWORD } from '../validation'
import { AuthCard } from './auth-card'
import { PasswordField } from './password-field'

export function ResetForm() {
  const locale = useLocale()
  const router = useRouter()
  const t = useTranslations('account')
  const errors = useTranslations('errors')
  const hydrated = useHydrated()
  const [search] = useSearch('')
  const token = new URLSearchParams(search).get('token') ?? ''
  const [password, setPassword] = useState('')
  const [submitted, setSubmitted] = useState(false)
  const reset = useResetPassword()
  const short = password.length < SHORTEST_PASSWORD
  const weak = isApiError(reset.error, 'account.weak_password')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    if (!short) {
      reset.mutate({ token, password }, { onSuccess: () => router.replace(paths.account(locale)) })
    }
  }
  if ((hydrated && !token) || isApiError(reset.error, 'account.token_invalid')) {
    return (
      <EmptyState
        level={1}
        title={t('verify.failedTitle')}
        action={
          <Link href={paths.forgotPassword(locale)} prefetch={false} className={buttonVariants()}>
            {t('reset.newLink')}
          </Link>
        }
      >
        {t('verify.failedText')}
      </EmptyState>
    )
  }
  return (
    <AuthCard title={t('reset.title')} text={t('reset.note')}>
      <form onSubmit={submit} noValidate className="grid gap-5">
        {reset.isError && !weak ? <Alert tone="error">{errors(errorKey(reset.error))}</Alert> : null}
        <PasswordField
          label={t('passwordNew')}
          fresh
          value={password}
          onChange={setPassword}
          error={weak || (submitted && short) ? errors('weakPassword') : undefined}
        />
        <Button type="submit" size="lg" block pending={reset.isPending}>
          {t('reset.submit')}
        </Button>
      </form>
    </AuthCard>
  )
}
