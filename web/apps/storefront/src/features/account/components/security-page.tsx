'use client'
import { isApiError } from '@stoa/api-client'
import { Alert, Badge, Button, formatLocale, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'
import { sessionsQuery } from '../api/account-queries'
import { useLogoutEverywhere } from '../api/use-session-change'
import { deviceOf, SHORTEST_PASSWORD } from '../validation'
import { AccountTitle } from './account-shell'
import { Loaded } from './loaded'
import { PasswordField } from './password-field'

export function SecurityPage() {
  const t = useTranslations('account')
  return (
    <>
      <AccountTitle>{t('nav.security')}</AccountTitle>
      <section aria-labelledby="password" className="max-w-md">
        <h2 id="password" className="mb-4 font-medium">
          {t('security.passwordTitle')}
        </h2>
        <PasswordForm />
      </section>
      <section aria-labelledby="devices" className="mt-14 max-w-2xl">
        <h2 id="devices" className="mb-4 font-medium">
          {t('security.devicesTitle')}
        </h2>
        <Devices />
      </section>
    </>
  )
}

function PasswordForm() {
  const t = useTranslations('account')
  const words = useTranslations('address')
  const errors = useTranslations('errors')
  const queries = useQueryClient()
  const [current, setCurrent] = useState('')
  const [fresh, setFresh] = useState('')
  const [submitted, setSubmitted] = useState(false)
  const change = useMutation({
    mutationFn: () => api('PUT /account/password', { body: { current, new: fresh } }),
    onSuccess: async () => {
      toast(t('security.changed'), { tone: 'success' })
      setCurrent('')
      setFresh('')
      setSubmitted(false)
      await queries.invalidateQueries({ queryKey: sessionsQuery().queryKey })
    },
  })
  const wrong = isApiError(change.error, 'account.invalid_credentials')
  const weak = isApiError(change.error, 'account.weak_password')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    if (current && fresh.length >= SHORTEST_PASSWORD) change.mutate()
  }
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      {change.isError && !wrong && !weak ? (
        <Alert tone="error">{errors(errorKey(change.error))}</Alert>
      ) : null}
      <PasswordField
        label={t('security.current')}
        name="current"
        value={current}
        onChange={setCurrent}
        error={wrong ? t('security.currentWrong') : submitted && !current ? words('required') : undefined}
      />
      <PasswordField
        label={t('passwordNew')}
        name="new"
        fresh
        value={fresh}
        onChange={setFresh}
        error={weak || (submitted && fresh.length < SHORTEST_PASSWORD) ? errors('weakPassword') : undefined}
      />
      <Button type="submit" className="justify-self-start" pending={change.isPending}>
        {t('security.submit')}
      </Button>
    </form>
  )
}

function Devices() {
  const locale = useLocale()
  const t = useTranslations('account.security')
  const errors = useTranslations('errors')
  const queries = useQueryClient()
  const query = useQuery(sessionsQuery())
  const everywhere = useLogoutEverywhere()
  const failed = (error: unknown) => toast(errors(errorKey(error)), { tone: 'error' })
  const end = useMutation({
    mutationFn: (id: string) => api('DELETE /account/sessions/{id}', { path: { id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionsQuery().queryKey }),
    onError: failed,
  })
  const format = new Intl.DateTimeFormat(formatLocale(locale), {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  return (
    <Loaded query={query} rows={2}>
      {({ items }) => (
        <>
          <ul className="divide-y rounded-lg border bg-card">
            {items.map((session) => {
              const device = deviceOf(session.user_agent)
              const name = device ? t('browserOn', device) : t('unknownDevice')
              return (
                <li key={session.id} className="flex items-center justify-between gap-4 px-5 py-4 text-sm">
                  <div>
                    <p className="flex flex-wrap items-center gap-2 font-medium">
                      {name}
                      {session.current ? <Badge tone="success">{t('thisDevice')}</Badge> : null}
                    </p>
                    <p className="text-muted-foreground">
                      {t('lastSeen', { date: format.format(new Date(session.last_seen_at)) })}
                    </p>
                  </div>
                  {session.current ? null : (
                    <Button
                      variant="link"
                      size="inline"
                      aria-label={t('endOf', { device: name })}
                      disabled={end.isPending}
                      onClick={() => end.mutate(session.id)}
                    >
                      {t('end')}
                    </Button>
                  )}
                </li>
              )
            })}
          </ul>
          <Button
            variant="outline"
            className="mt-5"
            pending={everywhere.isPending}
            onClick={() => everywhere.mutate(undefined, { onError: failed })}
          >
            {t('endAll')}
          </Button>
        </>
      )}
    </Loaded>
  )
}
