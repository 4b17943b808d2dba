'use client'
import type { Country } from '@stoa/api-client'
import { Field, Input, Plus, Select } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { type ComponentProps, useState } from 'react'
import type { AddressField } from './address'
import type { AddressForm } from './use-address-form'

const AUTOCOMPLETE: Record<AddressField, string> = {
  country: 'country',
  first_name: 'given-name',
  last_name: 'family-name',
  company: 'organization',
  line1: 'address-line1',
  line2: 'address-line2',
  postal_code: 'postal-code',
  city: 'address-level2',
  state: 'address-level1',
  phone: 'tel',
}

/** One column, the country first: it decides how the rest is written. */
export function AddressFields({
  form,
  countries,
  section,
  phone = true,
  phoneHint,
}: {
  form: AddressForm
  countries: Country[]
  section: 'shipping' | 'billing'
  phone?: boolean
  phoneHint?: string
}) {
  const t = useTranslations('address')
  const common = useTranslations('common')
  const [company, setCompany] = useState(form.draft.company !== '')
  const { draft, problems } = form
  const problem = (field: AddressField) => {
    const found = problems[field]
    return found ? t(found.key, { example: found.example ?? '' }) : undefined
  }
  const input = (field: AddressField): ComponentProps<'input'> => ({
    name: `${section}_${field}`,
    autoComplete: `${section} ${AUTOCOMPLETE[field]}`,
    value: draft[field],
    onChange: (event) => form.set(field, event.target.value),
    onBlur: () => form.leave(field),
  })
  const hint = form.country?.postal_code_example
  return (
    <div className="grid gap-4">
      <Field label={t('country')} error={problem('country')}>
        <Select
          name={`${section}_country`}
          autoComplete={`${section} country`}
          value={draft.country}
          onChange={(event) => form.set('country', event.target.value)}
        >
          {countries.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('first_name')} error={problem('first_name')}>
          <Input {...input('first_name')} required />
        </Field>
        <Field label={t('last_name')} error={problem('last_name')}>
          <Input {...input('last_name')} required />
        </Field>
      </div>
      {company ? (
        <Field label={t('company')} optional={common('optional')} error={problem('company')}>
          <Input {...input('company')} />
        </Field>
      ) : (
        <button
          type="button"
          onClick={() => setCompany(true)}
          className="tap -my-1 inline-flex items-center gap-1.5 justify-self-start rounded-sm py-1 text-sm text-muted-foreground hover:text-foreground"
        >
          <Plus className="size-4" aria-hidden="true" />
          {t('addCompany')}
        </button>
      )}
      <Field label={t('line1')} error={problem('line1')}>
        <Input {...input('line1')} required />
      </Field>
      <Field label={t('line2')} optional={common('optional')} error={problem('line2')}>
        <Input {...input('line2')} />
      </Field>
      <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-4">
        <Field label={t('postal_code')} error={problem('postal_code')}>
          <Input
            {...input('postal_code')}
            required={Boolean(form.country?.postal_code_pattern)}
            placeholder={hint ?? undefined}
            inputMode={hint && /^[\d ]+$/.test(hint) ? 'numeric' : 'text'}
            autoCapitalize="characters"
          />
        </Field>
        <Field label={t('city')} error={problem('city')}>
          <Input {...input('city')} required />
        </Field>
      </div>
      {form.country?.state_required ? (
        <Field label={t('state')} error={problem('state')}>
          <Input {...input('state')} required />
        </Field>
      ) : null}
      {phone ? (
        <Field label={t('phone')} optional={common('optional')} hint={phoneHint} error={problem('phone')}>
          <Input {...input('phone')} type="tel" inputMode="tel" />
        </Field>
      ) : null}
    </div>
  )
}
