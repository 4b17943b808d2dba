'use client'
import { Alert, Button, Checkbox, Field, Input } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { paths } from '@/config/paths'
import { isEmail } from '@/features/address/email'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'
import { useSearch } from '@/lib/use-search'
import { SHORTEST_PASSWORD } from '../validation'
import { AuthCard } from './auth-card'
import { PasswordField } from './password-field'
import { ResendButton } from './resend-button'

export function RegisterForm() {
  const locale = useLocale()
  const t = useTranslations('account')
  const words = useTranslations('address')
  const errors = useTranslations('errors')
  const [search] = useSearch('')
  const proposed = new URLSearchParams(search).get('email') ?? ''
  const [typedEmail, setTypedEmail] = useState<string>()
  const [firstName, setFirstName] = useState('')
  const [lastName, setLastName] = useState('')
  const [password, setPassword] = useState('')
  const [news, setNews] = useState(false)
  const [submitted, setSubmitted] = useState(false)
  const formRef = useRef<HTMLFormElement>(null)
  const titleRef = useRef<HTMLDivElement>(null)
  const email = (typedEmail ?? proposed).trim()
  const register = useMutation({
    mutationFn: () =>
      api('POST /account/register', {
        body: {
          email,
          password,
          first_name: firstName.trim(),
          last_name: lastName.trim(),
          locale,
          accepts_marketing: news,
        },
      }),
  })
  const sent = register.isSuccess
  useEffect(() => {
    if (sent) titleRef.current?.focus()
  }, [sent])
  const problems = {
    email: isEmail(email) ? undefined : words(email ? 'emailBad' : 'required'),
    firstName: firstName.trim() ? undefined : words('required'),
    lastName: lastName.trim() ? undefined : words('required'),
    password: password.length >= SHORTEST_PASSWORD ? undefined : errors('weakPassword'),
  }
  const shown: Partial<typeof problems> = submitted ? problems : {}
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    if (Object.values(problems).some(Boolean)) {
      requestAnimationFrame(() =>
        formRef.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
      )
      return
    }
    register.mutate()
  }
  if (sent) {
    return (
      <AuthCard
        title={t('register.sentTitle')}
        text={t.rich('register.sentText', {
          email,
          strong: (chunks) => <strong className="font-medium text-foreground">{chunks}</strong>,
        })}
      >
        <div ref={titleRef} tabIndex={-1} className="grid justify-items-start gap-4 text-sm outline-none">
          <p className="text-muted-foreground">{t('register.sentAgain')}</p>
          <ResendButton email={email} />
        </div>
      </AuthCard>
    )
  }
  return (
    <AuthCard title={t('register.title')} text={t('register.text')}>
      <form ref={formRef} onSubmit={submit} noValidate className="grid gap-5">
        {register.isError ? <Alert tone="error">{errors(errorKey(register.error))}</Alert> : null}
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label={words('first_name')} error={shown.firstName}>
            <Input
              name="first_name"
              autoComplete="given-name"
              required
              maxLength={80}
              value={firstName}
              onChange={(event) => setFirstName(event.target.value)}
            />
          </Field>
          <Field label={words('last_name')} error={shown.lastName}>
            <Input
              name="last_name"
              autoComplete="family-name"
              required
              maxLength={80}
              value={lastName}
              onChange={(event) => setLastName(event.target.value)}
            />
          </Field>
        </div>
        <Field label={t('email')} error={shown.email}>
          <Input
            type="email"
            name="email"
            autoComplete="username"
            inputMode="email"
            required
            maxLength={254}
            value={typedEmail ?? proposed}
            onChange={(event) => setTypedEmail(event.target.value)}
          />
        </Field>
        <PasswordField
          label={t('password')}
          fresh
          value={password}
          onChange={setPassword}
          error={shown.password}
        />
        <Checkbox
          name="news"
          checked={news}
          onChange={(event) => setNews(event.target.checked)}
          label={t('register.news')}
        />
        <Button type="submit" size="lg" block pending={register.isPending}>
          {t('register.submit')}
        </Button>
        <p className="text-sm">
          {t.rich('register.have', {
            link: (chunks) => (
              <Link
                href={paths.login(locale)}
                prefetch={false}
                className="font-medium underline underline-offset-4"
              >
                {chunks}
              </Link>
            ),
          })}
        </p>
      </form>
    </AuthCard>
  )
}
