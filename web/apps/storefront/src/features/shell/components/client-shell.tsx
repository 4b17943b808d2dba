'use client'
import { Toaster } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { QueryProvider } from '@/lib/query-client'

export function ClientShell({ children }: { children: ReactNode }) {
  const t = useTranslations('common')
  return (
    <QueryProvider>
      {children}
      <Toaster closeLabel={t('close')} regionLabel={t('notifications')} />
    </QueryProvider>
  )
}
