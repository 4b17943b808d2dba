'use client'
import { buttonVariants, cn } from '@stoa/ui'
import dynamic from 'next/dynamic'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { usePreferences } from '../preferences'

const PreferencesDialog = dynamic(() => import('./preferences-dialog'), { ssr: false })

export function PreferencesButton({ wide = false }: { wide?: boolean }) {
  const locale = useLocale()
  const t = useTranslations('shell')
  const preferences = usePreferences()
  const [used, setUsed] = useState(false)
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className={cn(
          wide
            ? buttonVariants({ variant: 'outline', block: true })
            : 'h-11 rounded-md px-2.5 text-sm whitespace-nowrap hover:bg-muted',
        )}
        onClick={() => {
          setUsed(true)
          setOpen(true)
        }}
      >
        <span className={wide ? '' : 'sr-only'}>{t('preferences')}: </span>
        {/* One piece: a button lays its pieces out with space between them. */}
        <span>
          {locale.toUpperCase()}
          <span aria-hidden="true" className="mx-1 text-muted-foreground">
            ·
          </span>
          <span suppressHydrationWarning>{preferences.currency}</span>
        </span>
      </button>
      {used ? <PreferencesDialog open={open} onClose={() => setOpen(false)} /> : null}
    </>
  )
}
