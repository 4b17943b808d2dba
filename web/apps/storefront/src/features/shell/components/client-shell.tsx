'use client'
import { Toaster } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { QueryProvider } from '@/lib/query-client'
import { PageFocus } from './page-focus'

export function ClientShell({ children }: { children: ReactNode }) {
  const t = useTranslations('common')
  return (
    <QueryProvider>
      {children}
      <PageFocus />
      <Toaster closeLabel={t('close')} regionLabel={t('notifications')} />
    </QueryProvider>
  )
}
