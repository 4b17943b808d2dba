'use client'
import { type Address, ApiError, type Country } from '@stoa/api-client'
import { Badge, Button, Checkbox, Dialog, EmptyState, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useRef, useState } from 'react'
import { AddressFields } from '@/features/address/address-fields'
import { AddressLines } from '@/features/address/address-lines'
import { storeQuery, useCountryName } from '@/features/address/store-query'
import { useAddressForm } from '@/features/address/use-address-form'
import { usePreferences } from '@/features/preferences/preferences'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'
import { addressesQuery } from '../api/account-queries'
import { AccountTitle } from './account-shell'
import { Loaded } from './loaded'

export function AddressesPage() {
  const locale = useLocale()
  const t = useTranslations('account.addresses')
  const nav = useTranslations('account.nav')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const queries = useQueryClient()
  const addresses = useQuery(addressesQuery())
  const store = useQuery(storeQuery(locale))
  const countryName = useCountryName()
  const [editing, setEditing] = useState<Address | 'new'>()
  const refresh = () => queries.invalidateQueries({ queryKey: addressesQuery().queryKey })
  const failed = (error: unknown) => toast(errors(errorKey(error)), { tone: 'error' })
  const restore = useMutation({
    mutationFn: ({ id: _gone, ...address }: Address) => api('POST /account/addresses', { body: address }),
    onSuccess: refresh,
    onError: failed,
  })
  const remove = useMutation({
    mutationFn: (address: Address) =>
      api('DELETE /account/addresses/{id}', { path: { id: address.id ?? '' } }),
    onSuccess: async (_none, address) => {
      await refresh()
      toast(t('removed'), { action: { label: t('undo'), run: () => restore.mutate(address) } })
    },
    onError: failed,
  })
  return (
    <>
      <AccountTitle>{nav('addresses')}</AccountTitle>
      <Loaded query={addresses}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title={t('emptyTitle')}
              action={<Button onClick={() => setEditing('new')}>{t('add')}</Button>}
            >
              {t('emptyText')}
            </EmptyState>
          ) : (
            <>
              <ul className="grid gap-4 sm:grid-cols-2">
                {items.map((address) => {
                  const name = `${address.first_name} ${address.last_name}`
                  return (
                    <li key={address.id} className="flex flex-col rounded-lg border bg-card p-5">
                      {address.is_default ? (
                        <p className="mb-2">
                          <Badge tone="accent">{t('default')}</Badge>
                        </p>
                      ) : null}
                      <AddressLines address={address} country={countryName(address.country)} />
                      <div className="mt-auto flex gap-4 pt-4 text-sm">
                        <Button
                          variant="link"
                          size="inline"
                          aria-label={t('editOf', { name })}
                          onClick={() => setEditing(address)}
                        >
                          {common('edit')}
                        </Button>
                        <Button
                          variant="link"
                          size="inline"
                          aria-label={t('removeOf', { name })}
                          disabled={remove.isPending}
                          onClick={() => remove.mutate(address)}
                        >
                          {common('remove')}
                        </Button>
                      </div>
                    </li>
                  )
                })}
              </ul>
              <Button variant="outline" className="mt-6" onClick={() => setEditing('new')}>
                {t('add')}
              </Button>
            </>
          )
        }
      </Loaded>
      {editing && store.data ? (
        <AddressDialog
          key={editing === 'new' ? 'new' : editing.id}
          address={editing === 'new' ? undefined : editing}
          countries={store.data.countries}
          first={addresses.data?.items.length === 0}
          onClose={() => setEditing(undefined)}
          onSaved={async () => {
            setEditing(undefined)
            await refresh()
          }}
        />
      ) : null}
    </>
  )
}

function AddressDialog({
  address,
  countries,
  first,
  onClose,
  onSaved,
}: {
  address: Address | undefined
  countries: Country[]
  first: boolean
  onClose: () => void
  onSaved: () => void
}) {
  const t = useTranslations('account.addresses')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const { country } = usePreferences()
  const formRef = useRef<HTMLFormElement>(null)
  const form = useAddressForm(address, countries, country)
  const [usual, setUsual] = useState(address?.is_default ?? first)
  const focusProblem = () =>
    requestAnimationFrame(() => formRef.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
  const save = useMutation({
    mutationFn: (body: Address) =>
      address?.id
        ? api('PUT /account/addresses/{id}', { path: { id: address.id }, body })
        : api('POST /account/addresses', { body }),
    onSuccess: onSaved,
    onError: (error) => {
      if (error instanceof ApiError && form.refuse(error.errors, '')) focusProblem()
      else toast(errors(errorKey(error)), { tone: 'error' })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const ready = form.submit()
    if (ready) save.mutate({ ...ready, is_default: usual })
    else focusProblem()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={address ? t('edit') : t('add')}
      closeLabel={common('close')}
      footer={
        <Button type="submit" form="address-form" block pending={save.isPending}>
          {common('save')}
        </Button>
      }
    >
      <form id="address-form" ref={formRef} onSubmit={submit} noValidate>
        <AddressFields form={form} countries={countries} section="shipping" />
        <Checkbox
          className="mt-4"
          checked={usual}
          onChange={(event) => setUsual(event.target.checked)}
          label={t('makeDefault')}
        />
      </form>
    </Dialog>
  )
}
