'use client'
import { Button, Dialog, Field, Radio, RadioGroup, Select, toast } from '@stoa/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { localeNames, locales } from '@/i18n/locales'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'
import { addressIn } from '../address-in'
import { setPreferences, usePreferences } from '../preferences'

type Appearance = 'system' | 'light' | 'dark'

function readAppearance(): Appearance {
  const chosen = document.documentElement.dataset.theme
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

function writeAppearance(appearance: Appearance) {
  const root = document.documentElement
  if (appearance === 'system') {
    delete root.dataset.theme
    localStorage.removeItem('stoa_theme')
  } else {
    root.dataset.theme = appearance
    localStorage.setItem('stoa_theme', appearance)
  }
}

export default function PreferencesDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const locale = useLocale()
  const t = useTranslations('shell')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const queries = useQueryClient()
  const preferences = usePreferences()
  const store = useQuery({
    queryKey: ['store', locale],
    queryFn: ({ signal }) => api('GET /store', { query: { locale } }, { signal }),
    staleTime: 3_600_000,
  })
  // What is chosen now can be shown before the list of all choices is there.
  const currencies = store.data?.currencies ?? [preferences.currency]
  const countries = store.data?.countries ?? [{ code: preferences.country, name: preferences.country }]
  const [language, setLanguage] = useState<string>(locale)
  const [currency, setCurrency] = useState(preferences.currency)
  const [country, setCountry] = useState(preferences.country)
  const [appearance, setAppearance] = useState<Appearance>('system')
  useEffect(() => {
    if (open) setAppearance(readAppearance())
  }, [open])

  const save = () => {
    writeAppearance(appearance)
    if (currency !== preferences.currency || country !== preferences.country) {
      setPreferences({ currency, country })
      // The cart, where there is one, follows; it answers with its new prices.
      void api('GET /session')
        .then((session) =>
          session.cart_item_count > 0 ? api('PATCH /cart', { body: { currency, country } }) : undefined,
        )
        .catch((error: unknown) => toast(errors(errorKey(error)), { tone: 'error' }))
        .finally(() => queries.invalidateQueries())
    }
    onClose()
    if (language !== locale) location.assign(addressIn(language))
  }

  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('preferences')}
      closeLabel={common('close')}
      footer={
        <Button block onClick={save}>
          {common('save')}
        </Button>
      }
    >
      <div className="grid gap-5">
        <Field label={t('language')}>
          <Select value={language} onChange={(event) => setLanguage(event.target.value)}>
            {locales.map((code) => (
              <option key={code} value={code} lang={code}>
                {localeNames[code]}
              </option>
            ))}
          </Select>
        </Field>
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label={t('deliverTo')}>
            <Select value={country} onChange={(event) => setCountry(event.target.value)}>
              {countries.map(({ code, name }) => (
                <option key={code} value={code}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t('currency')}>
            <Select value={currency} onChange={(event) => setCurrency(event.target.value)}>
              {currencies.map((code) => (
                <option key={code}>{code}</option>
              ))}
            </Select>
          </Field>
        </div>
        <RadioGroup legend={t('appearance')}>
          {(['system', 'light', 'dark'] as const).map((value) => (
            <Radio
              key={value}
              name="appearance"
              value={value}
              checked={appearance === value}
              onChange={() => setAppearance(value)}
              label={
                value === 'system'
                  ? t('appearanceSystem')
                  : value === 'light'
                    ? t('appearanceLight')
                    : t('appearanceDark')
              }
            />
          ))}
        </RadioGroup>
      </div>
    </Dialog>
  )
}
