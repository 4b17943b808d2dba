'use client'
import type { Locale } from '@stoa/api-client'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useLocale } from 'next-intl'
import { api } from '@/lib/api'

export const storeQuery = (locale: Locale) =>
  queryOptions({
    queryKey: ['store', locale],
    queryFn: ({ signal }) => api('GET /store', { query: { locale } }, { signal }),
    staleTime: 3_600_000,
  })

export function useCountryName(): (code: string) => string | undefined {
  const store = useQuery(storeQuery(useLocale())).data
  return (code) => store?.countries.find((country) => country.code === code)?.name
}
