'use client'
import { Alert, Button, Field, Input } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { paths } from '@/config/paths'
import { isEmail } from '@/features/address/email'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'
import { AuthCard } from './auth-card'

export function ForgotForm() {
  const locale = useLocale()
  const t = useTranslations('account')
  const words = useTranslations('address')
  const errors = useTranslations('errors')
  const [email, setEmail] = useState('')
  const [submitted, setSubmitted] = useState(false)
  const forgot = useMutation({
    mutationFn: () => api('POST /account/password/forgot', { body: { email: email.trim() } }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    if (isEmail(email)) forgot.mutate()
  }
  const back = (
    <Link
      href={paths.login(locale)}
      prefetch={false}
      className="inline-block py-1 text-sm underline underline-offset-4"
    >
      {t('forgot.back')}
    </Link>
  )
  return (
    <AuthCard title={t('forgot.title')} text={forgot.isSuccess ? undefined : t('forgot.text')}>
      {forgot.isSuccess ? (
        <>
          <Alert tone="success" className="mb-6">
            {t.rich('forgot.sentText', {
              email: email.trim(),
              strong: (chunks) => <strong className="font-medium">{chunks}</strong>,
            })}
          </Alert>
          {back}
        </>
      ) : (
        <form onSubmit={submit} noValidate className="grid gap-5">
          {forgot.isError ? <Alert tone="error">{errors(errorKey(forgot.error))}</Alert> : null}
          <Field
            label={t('email')}
            error={submitted && !isEmail(email) ? words(email.trim() ? 'emailBad' : 'required') : undefined}
          >
            <Input
              type="email"
              name="email"
              autoComplete="username"
              inputMode="email"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          </Field>
          <Button type="submit" size="lg" block pending={forgot.isPending}>
            {t('forgot.submit')}
          </Button>
          <div>{back}</div>
        </form>
      )}
    </AuthCard>
  )
}
