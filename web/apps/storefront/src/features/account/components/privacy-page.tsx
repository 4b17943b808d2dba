'use client'
import { type ConsentKind, isApiError } from '@stoa/api-client'
import { Alert, Button, Checkbox, Dialog, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { paths } from '@/config/paths'
import { api } from '@/lib/api'
import { formatDate } from '@/lib/dates'
import { errorKey } from '@/lib/error-message'
import { consentsQuery } from '../api/account-queries'
import { useDeleteAccount } from '../api/use-session-change'
import { AccountTitle } from './account-shell'
import { Loaded } from './loaded'
import { PasswordField } from './password-field'

export function PrivacyPage() {
  const t = useTranslations('account')
  return (
    <div className="max-w-2xl">
      <AccountTitle>{t('nav.privacy')}</AccountTitle>
      <Consents />
      <Export />
      <DeleteAccount />
    </div>
  )
}

function Consents() {
  const locale = useLocale()
  const t = useTranslations('account.privacy')
  const errors = useTranslations('errors')
  const queries = useQueryClient()
  const query = useQuery(consentsQuery())
  const set = useMutation({
    mutationFn: (body: { kind: ConsentKind; granted: boolean }) => api('PUT /account/consents', { body }),
    onSuccess: (answer) => queries.setQueryData(consentsQuery().queryKey, answer),
    onError: (error) => toast(errors(errorKey(error)), { tone: 'error' }),
  })
  return (
    <section aria-labelledby="consents">
      <h2 id="consents" className="mb-2 font-medium">
        {t('consentsTitle')}
      </h2>
      <Loaded query={query}>
        {({ items }) => (
          <ul className="divide-y">
            {items.map((consent) => (
              <li key={consent.kind} className="py-3">
                <Checkbox
                  name={consent.kind}
                  checked={
                    set.isPending && set.variables.kind === consent.kind
                      ? set.variables.granted
                      : consent.granted
                  }
                  disabled={set.isPending}
                  onChange={(event) => set.mutate({ kind: consent.kind, granted: event.target.checked })}
                  label={<span className="font-medium">{t(`consent.${consent.kind}`)}</span>}
                  hint={
                    <>
                      {consent.text}
                      {consent.granted && consent.updated_at ? (
                        <span className="mt-1 block">
                          {t('since', { date: formatDate(consent.updated_at, locale) })}
                        </span>
                      ) : null}
                    </>
                  }
                />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  )
}

function Export() {
  const t = useTranslations('account.privacy')
  const errors = useTranslations('errors')
  const download = useMutation({
    mutationFn: () => api('GET /account/export'),
    onSuccess: (data) => {
      const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }))
      const link = document.createElement('a')
      link.href = url
      link.download = 'my-data.json'
      link.click()
      URL.revokeObjectURL(url)
    },
    onError: (error) => toast(errors(errorKey(error)), { tone: 'error' }),
  })
  return (
    <section aria-labelledby="export" className="mt-12">
      <h2 id="export" className="font-medium">
        {t('exportTitle')}
      </h2>
      <p className="mt-1 text-sm text-muted-foreground">{t('exportText')}</p>
      <Button
        variant="outline"
        className="mt-4"
        pending={download.isPending}
        onClick={() => download.mutate()}
      >
        {t('export')}
      </Button>
    </section>
  )
}

function DeleteAccount() {
  const locale = useLocale()
  const router = useRouter()
  const t = useTranslations('account.privacy')
  const security = useTranslations('account.security')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const words = useTranslations('address')
  const [open, setOpen] = useState(false)
  const [password, setPassword] = useState('')
  const [submitted, setSubmitted] = useState(false)
  const erase = useDeleteAccount()
  const wrong = isApiError(erase.error, 'account.invalid_credentials')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    if (!password) return
    erase.mutate(password, {
      onSuccess: () => {
        toast(t('deleted'))
        router.replace(paths.home(locale))
      },
    })
  }
  return (
    <section aria-labelledby="delete" className="mt-12 border-t pt-8">
      <h2 id="delete" className="font-medium">
        {t('deleteTitle')}
      </h2>
      <p className="mt-1 text-sm text-muted-foreground">{t('deleteText')}</p>
      <Button variant="outline" className="mt-4" onClick={() => setOpen(true)}>
        {t('delete')}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t('deleteTitle')}
        closeLabel={common('close')}
        footer={
          <div className="flex flex-wrap justify-end gap-3">
            <Button variant="outline" onClick={() => setOpen(false)}>
              {common('cancel')}
            </Button>
            <Button type="submit" form="delete-form" variant="destructive" pending={erase.isPending}>
              {t('deleteConfirm')}
            </Button>
          </div>
        }
      >
        <form id="delete-form" onSubmit={submit} noValidate className="grid gap-4">
          <p className="text-sm">{t('deleteText')}</p>
          {erase.isError && !wrong ? <Alert tone="error">{errors(errorKey(erase.error))}</Alert> : null}
          <PasswordField
            label={t('deletePassword')}
            value={password}
            onChange={setPassword}
            error={wrong ? security('currentWrong') : submitted && !password ? words('required') : undefined}
          />
        </form>
      </Dialog>
    </section>
  )
}
