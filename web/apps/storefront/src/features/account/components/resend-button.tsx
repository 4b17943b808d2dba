'use client'
import { Button } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { errorKey } from '@/lib/error-message'
import { useResend } from '../api/use-session-change'

export function ResendButton({ email }: { email: string }) {
  const t = useTranslations('account.login')
  const errors = useTranslations('errors')
  const resend = useResend()
  return (
    <p aria-live="polite">
      {resend.isSuccess ? (
        t('resent')
      ) : (
        <Button size="sm" variant="outline" pending={resend.isPending} onClick={() => resend.mutate(email)}>
          {t('resend')}
        </Button>
      )}
      {resend.isError ? (
        <span className="mt-2 block text-destructive">{errors(errorKey(resend.error))}</span>
      ) : null}
    </p>
  )
}
