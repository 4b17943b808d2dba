'use client'
import { Toaster } from '@stoa/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect } from 'react'
import { watchPerson } from '@/features/account/person'
import { QueryProvider } from '@/lib/query-client'
import { PageFocus } from './page-focus'

export function ClientShell({ children }: { children: ReactNode }) {
  const t = useTranslations('common')
  return (
    <QueryProvider>
      {children}
      <PersonWatch />
      <PageFocus />
      <Toaster closeLabel={t('close')} regionLabel={t('notifications')} />
    </QueryProvider>
  )
}

function PersonWatch() {
  const queries = useQueryClient()
  useEffect(() => watchPerson(queries), [queries])
  return null
}
