'use client'
import { type Address, ApiError, type Checkout, type Country, type FieldError } from '@stoa/api-client'
import { Button, Checkbox, Field, Input, Radio, RadioGroup, Skeleton, toast } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useRef, useState } from 'react'
import { paths } from '@/config/paths'
import { addressesQuery } from '@/features/account/api/account-queries'
import { useSession } from '@/features/account/api/get-session'
import { AddressFields } from '@/features/address/address-fields'
import { isEmail } from '@/features/address/email'
import { storeQuery } from '@/features/address/store-query'
import { useAddressForm } from '@/features/address/use-address-form'
import { usePreferences } from '@/features/preferences/preferences'
import { errorKey } from '@/lib/error-message'
import { useSetAddress } from '../api/checkout'
import { CheckoutFrame, CheckoutProblem, focusFirstProblem, StepTitle } from './checkout-frame'

export function AddressStep() {
  return <CheckoutFrame step="address">{(checkout) => <AddressLoader checkout={checkout} />}</CheckoutFrame>
}

/** The form starts with what is known, so it waits for all of that. */
function AddressLoader({ checkout }: { checkout: Checkout }) {
  const locale = useLocale()
  const store = useQuery(storeQuery(locale))
  const session = useSession()
  const customer = session.data?.customer
  const saved = useQuery({ ...addressesQuery(), enabled: Boolean(customer) })
  if (store.isError) return <CheckoutProblem error={store.error} onRetry={() => store.refetch()} />
  if (!store.data || session.isPending || (customer && saved.isPending))
    return <Skeleton className="h-96 w-full" />
  return (
    <AddressForm
      checkout={checkout}
      countries={store.data.countries}
      saved={saved.data?.items ?? []}
      customer={customer ?? undefined}
    />
  )
}

function AddressForm({
  checkout,
  countries,
  saved,
  customer,
}: {
  checkout: Checkout
  countries: Country[]
  saved: Address[]
  customer: { email: string; first_name: string; last_name: string } | undefined
}) {
  const locale = useLocale()
  const router = useRouter()
  const t = useTranslations('checkout')
  const words = useTranslations('address')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const { country } = usePreferences()
  const formRef = useRef<HTMLFormElement>(null)
  const save = useSetAddress()

  const usual = saved.find((address) => address.is_default) ?? saved[0]
  const known = checkout.shipping_address ?? usual
  const [email, setEmail] = useState(checkout.contact?.email ?? customer?.email ?? '')
  const [emailLeft, setEmailLeft] = useState(false)
  const [emailRefused, setEmailRefused] = useState<string>()
  const [news, setNews] = useState(checkout.contact?.accepts_marketing ?? false)
  const [from, setFrom] = useState<string>(checkout.shipping_address ? 'new' : (usual?.id ?? 'new'))
  const [same, setSame] = useState(
    !checkout.billing_address || sameAddress(checkout.billing_address, checkout.shipping_address),
  )
  const shipping = useAddressForm(known ?? undefined, countries, country)
  const billing = useAddressForm(
    same ? undefined : (checkout.billing_address ?? undefined),
    countries,
    country,
  )

  const emailProblem =
    isEmail(email) && email.trim() !== emailRefused
      ? undefined
      : email.trim()
        ? words('emailBad')
        : words('required')
  /** Nothing is refused without a word: the fields of a saved address come up when they are what is wrong. */
  const refuse = (errors: readonly FieldError[]): boolean => {
    const mail = errors.some(({ pointer }) => pointer === '/email')
    if (mail) setEmailRefused(email.trim())
    const to = shipping.refuse(
      errors.map((error) => (error.pointer === '/phone' ? { ...error, pointer: '/shipping/phone' } : error)),
      '/shipping',
    )
    if (to) setFrom('new')
    return billing.refuse(errors, '/billing') || to || mail
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setEmailLeft(true)
    const to = shipping.submit()
    const invoice = same ? undefined : billing.submit()
    // A saved address may no longer be one that can be delivered to.
    if (!to) setFrom('new')
    if (emailProblem || !to || (!same && !invoice)) return focusFirstProblem(formRef.current)
    save.mutate(
      {
        contact: {
          email: email.trim(),
          accepts_marketing: news,
          ...(to.phone ? { phone: to.phone } : {}),
        },
        addresses: { shipping: to, ...(invoice ? { billing: invoice } : {}) },
      },
      {
        onSuccess: () =>
          router.push(paths.checkout(locale, checkout.cart.needs_delivery ? 'delivery' : 'payment')),
        onError: (error) => {
          if (error instanceof ApiError && refuse(error.errors)) focusFirstProblem(formRef.current)
          else toast(errors(errorKey(error)), { tone: 'error' })
        },
      },
    )
  }
  return (
    <form ref={formRef} onSubmit={submit} noValidate className="grid gap-10">
      <section>
        <StepTitle>{t('contact.title')}</StepTitle>
        {customer ? (
          <p className="mb-5 text-sm text-muted-foreground">
            {t('contact.signedIn', { email: customer.email })}
          </p>
        ) : (
          <p className="mb-5 text-sm">
            {t.rich('contact.login', {
              link: (chunks) => (
                <Link
                  href={paths.login(locale, paths.checkout(locale, 'address'))}
                  prefetch={false}
                  className="font-medium underline underline-offset-4"
                >
                  {chunks}
                </Link>
              ),
            })}
          </p>
        )}
        <Field
          label={t('contact.email')}
          hint={t('contact.emailHint')}
          error={emailLeft ? emailProblem : undefined}
        >
          <Input
            type="email"
            name="email"
            autoComplete="email"
            inputMode="email"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            onBlur={() => setEmailLeft(email.trim() !== '')}
          />
        </Field>
        <Checkbox
          className="mt-3"
          name="news"
          checked={news}
          onChange={(event) => setNews(event.target.checked)}
          label={t('contact.news')}
        />
      </section>

      <section>
        <h2 className="headline mb-6 text-2xl">
          {checkout.cart.needs_delivery ? t('address.title') : t('address.titleNoDelivery')}
        </h2>
        {saved.length > 0 ? (
          <RadioGroup legend={t('address.saved')} className="mb-6">
            {saved.map((address) => (
              <Radio
                key={address.id}
                name="saved"
                value={address.id ?? ''}
                checked={from === address.id}
                onChange={() => {
                  setFrom(address.id ?? 'new')
                  shipping.replace(address)
                }}
                label={`${address.first_name} ${address.last_name}`}
                hint={`${address.line1}, ${address.postal_code} ${address.city}`}
              />
            ))}
            <Radio
              name="saved"
              value="new"
              checked={from === 'new'}
              onChange={() => setFrom('new')}
              label={t('address.other')}
            />
          </RadioGroup>
        ) : null}
        {from === 'new' ? (
          <AddressFields
            form={shipping}
            countries={countries}
            section="shipping"
            phoneHint={t('contact.phoneHint')}
          />
        ) : null}
        <Checkbox
          className="mt-5"
          name="same"
          checked={same}
          onChange={(event) => setSame(event.target.checked)}
          label={t('address.sameBilling')}
        />
      </section>

      {same ? null : (
        <section>
          <h2 className="headline mb-6 text-2xl">{t('address.billingTitle')}</h2>
          <AddressFields form={billing} countries={countries} section="billing" phone={false} />
        </section>
      )}

      <Button type="submit" size="lg" block pending={save.isPending}>
        {checkout.cart.needs_delivery ? t('address.continue') : t('address.continueToPayment')}
      </Button>
      <span className="sr-only" aria-live="polite">
        {save.isPending ? common('loading') : ''}
      </span>
    </form>
  )
}

function sameAddress(a: Address, b: Address | null | undefined): boolean {
  const text = (address: Address) =>
    [
      address.first_name,
      address.last_name,
      address.company ?? '',
      address.line1,
      address.line2 ?? '',
      address.postal_code,
      address.city,
      address.state ?? '',
      address.country,
    ].join('\n')
  return b != null && text(a) === text(b)
}
