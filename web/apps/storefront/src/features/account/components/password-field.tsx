'use client'
import { Checkbox, Field, Input } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'

export function PasswordField({
  label,
  value,
  onChange,
  fresh = false,
  error,
  name = 'password',
}: {
  label: ReactNode
  value: string
  onChange: (value: string) => void
  /** A new one is being chosen: says what makes a good one, and lets password managers propose it. */
  fresh?: boolean
  error?: ReactNode
  name?: string
}) {
  const t = useTranslations('account')
  const [shown, setShown] = useState(false)
  return (
    <div>
      <Field label={label} error={error} hint={fresh ? t('passwordHint') : undefined}>
        <Input
          type={shown ? 'text' : 'password'}
          name={name}
          autoComplete={fresh ? 'new-password' : 'current-password'}
          required
          maxLength={200}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </Field>
      <Checkbox
        className="mt-1"
        checked={shown}
        onChange={(event) => setShown(event.target.checked)}
        label={t('showPassword')}
      />
    </div>
  )
}
