'use client'
import { Button, toast } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { errorKey } from '@/lib/error-message'
import { useStartCheckout } from '../api/checkout'

const SHOWN_BELOW_MS = 5 * 60_000

/** How long the goods are still kept, said only when it gets short, and with a way to make it longer. */
export function HoldNotice({ expiresAt }: { expiresAt: string | undefined }) {
  const t = useTranslations('checkout')
  const errors = useTranslations('errors')
  const [now, setNow] = useState(() => Date.now())
  const renew = useStartCheckout()
  const until = expiresAt ? Date.parse(expiresAt) : Number.NaN
  const left = until - now
  const { mutate, isPending, isError } = renew
  useEffect(() => {
    if (Number.isNaN(until)) return
    const tick = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(tick)
  }, [until])
  const over = left <= 0
  useEffect(() => {
    // Still here when the time is up: hold them again, as long as nobody else has taken them.
    if (over && !isPending && !isError) mutate()
  }, [over, isPending, isError, mutate])
  if (!(left > 0 && left < SHOWN_BELOW_MS)) return null
  const seconds = Math.ceil(left / 1000)
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return (
    <div className="mb-6 flex flex-wrap items-center justify-between gap-3 rounded-lg bg-muted px-4 py-2.5 text-sm">
      <p role="timer" className="tabular-nums">
        {t('hold', { time })}
      </p>
      <Button
        size="sm"
        variant="outline"
        pending={isPending}
        onClick={() =>
          mutate(undefined, { onError: (error) => toast(errors(errorKey(error)), { tone: 'error' }) })
        }
      >
        {t('holdKeep')}
      </Button>
    </div>
  )
}
