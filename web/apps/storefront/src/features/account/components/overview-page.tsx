'use client'
import type { Account, Locale } from '@stoa/api-client'
import { Button, Field, Input, Select, toast } from '@stoa/ui'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { paths } from '@/config/paths'
import { isLocale, localeNames, locales } from '@/i18n/locales'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'
import { accountQuery, ordersQuery } from '../api/account-queries'
import { AccountTitle } from './account-shell'
import { Loaded } from './loaded'
import { NoOrders, OrderCard } from './orders-page'

export function OverviewPage() {
  const locale = useLocale()
  const t = useTranslations('account')
  const account = useQuery(accountQuery())
  const orders = useInfiniteQuery(ordersQuery())
  return (
    <Loaded query={account}>
      {(profile) => (
        <>
          <AccountTitle>{t('hello', { name: profile.first_name })}</AccountTitle>
          <section aria-labelledby="last-order">
            <div className="mb-3 flex items-baseline justify-between gap-4">
              <h2 id="last-order" className="font-medium">
                {t('overview.lastOrder')}
              </h2>
              <Link
                href={paths.account(locale, 'orders')}
                prefetch={false}
                className="tap py-1 text-sm underline underline-offset-4"
              >
                {t('overview.allOrders')}
              </Link>
            </div>
            <Loaded query={orders} rows={1}>
              {({ pages }) => {
                const last = pages[0]?.items[0]
                return last ? <OrderCard order={last} level={3} /> : <NoOrders level={3} />
              }}
            </Loaded>
          </section>
          <section aria-labelledby="profile" className="mt-12 max-w-xl">
            <h2 id="profile" className="mb-4 font-medium">
              {t('overview.profile')}
            </h2>
            <ProfileForm profile={profile} />
          </section>
        </>
      )}
    </Loaded>
  )
}

function ProfileForm({ profile }: { profile: Account }) {
  const t = useTranslations('account')
  const words = useTranslations('address')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const queries = useQueryClient()
  const [firstName, setFirstName] = useState(profile.first_name)
  const [lastName, setLastName] = useState(profile.last_name)
  const [phone, setPhone] = useState(profile.phone ?? '')
  const [language, setLanguage] = useState<Locale>(profile.locale)
  const save = useMutation({
    mutationFn: () =>
      api('PATCH /account', {
        body: {
          first_name: firstName.trim(),
          last_name: lastName.trim(),
          phone: phone.trim(),
          locale: language,
        },
      }),
    onSuccess: (saved) => {
      queries.setQueryData(accountQuery().queryKey, saved)
      void queries.invalidateQueries({ queryKey: ['session'] })
      toast(t('overview.saved'), { tone: 'success' })
    },
    onError: (error) => toast(errors(errorKey(error)), { tone: 'error' }),
  })
  const [submitted, setSubmitted] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    if (firstName.trim() && lastName.trim()) save.mutate()
  }
  const required = (text: string) => (submitted && !text.trim() ? words('required') : undefined)
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label={t('email')} hint={t('overview.emailHint')}>
        <Input type="email" name="email" value={profile.email} readOnly className="text-muted-foreground" />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={words('first_name')} error={required(firstName)}>
          <Input
            name="first_name"
            autoComplete="given-name"
            maxLength={80}
            value={firstName}
            onChange={(event) => setFirstName(event.target.value)}
          />
        </Field>
        <Field label={words('last_name')} error={required(lastName)}>
          <Input
            name="last_name"
            autoComplete="family-name"
            maxLength={80}
            value={lastName}
            onChange={(event) => setLastName(event.target.value)}
          />
        </Field>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={words('phone')} optional={common('optional')}>
          <Input
            type="tel"
            name="phone"
            autoComplete="tel"
            maxLength={32}
            value={phone}
            onChange={(event) => setPhone(event.target.value)}
          />
        </Field>
        <Field label={t('overview.language')}>
          <Select
            name="locale"
            value={language}
            onChange={(event) => {
              const chosen = event.target.value
              if (isLocale(chosen)) setLanguage(chosen)
            }}
          >
            {locales.map((code) => (
              <option key={code} value={code} lang={code}>
                {localeNames[code]}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      <Button type="submit" className="justify-self-start" pending={save.isPending}>
        {common('save')}
      </Button>
    </form>
  )
}
