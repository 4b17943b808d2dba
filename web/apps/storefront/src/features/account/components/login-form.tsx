'use client'
import { isApiError } from '@stoa/api-client'
import { Alert, Button, buttonVariants, cn, Field, Input } from '@stoa/ui'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { paths } from '@/config/paths'
import { isEmail } from '@/features/address/email'
import { errorKey } from '@/lib/error-message'
import { useSearch } from '@/lib/use-search'
import { useLogin } from '../api/use-session-change'
import { safeNext } from '../validation'
import { AuthCard } from './auth-card'
import { PasswordField } from './password-field'
import { ResendButton } from './resend-button'

export function LoginForm() {
  const locale = useLocale()
  const router = useRouter()
  const t = useTranslations('account')
  const words = useTranslations('address')
  const errors = useTranslations('errors')
  const [search] = useSearch('')
  const login = useLogin()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [submitted, setSubmitted] = useState(false)
  const alertRef = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (login.isError) alertRef.current?.focus()
  }, [login.isError])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    if (!isEmail(email) || !password) return
    login.mutate(
      { email: email.trim(), password },
      {
        onSuccess: () => {
          setPassword('')
          setSubmitted(false)
          router.replace(safeNext(search, paths.account(locale)))
        },
      },
    )
  }
  // Which of the two it is the API does not say: nobody learns here whether an address has an account.
  const refused = isApiError(login.error, 'account.invalid_credentials')
  return (
    <AuthCard title={t('login.title')}>
      <form onSubmit={submit} noValidate className="grid gap-5">
        {login.isError ? (
          <div ref={alertRef} tabIndex={-1} className="outline-none">
            <Alert
              tone="error"
              action={
                refused ? <ResendButton key={login.submittedAt} email={login.variables.email} /> : undefined
              }
            >
              {errors(errorKey(login.error))}
              {refused ? <span className="mt-1 block">{t('login.notVerified')}</span> : null}
            </Alert>
          </div>
        ) : null}
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
        <PasswordField
          label={t('password')}
          value={password}
          onChange={setPassword}
          error={submitted && !password ? words('required') : undefined}
        />
        <Button type="submit" size="lg" block pending={login.isPending}>
          {t('login.submit')}
        </Button>
        <Link
          href={paths.forgotPassword(locale)}
          prefetch={false}
          className="tap justify-self-start py-1 text-sm underline underline-offset-4"
        >
          {t('login.forgot')}
        </Link>
      </form>
      <section className="mt-12 border-t pt-8">
        <h2 className="font-medium">{t('login.newTitle')}</h2>
        <p className="mt-1 text-sm text-muted-foreground">{t('login.newText')}</p>
        <Link
          href={paths.register(locale)}
          prefetch={false}
          className={cn(buttonVariants({ variant: 'outline', block: true }), 'mt-4')}
        >
          {t('login.create')}
        </Link>
      </section>
    </AuthCard>
  )
}
