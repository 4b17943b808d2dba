'use client'
import { queryOptions } from '@tanstack/react-query'
import { api } from '@/lib/api'

export const sessionQuery = () =>
  queryOptions({ queryKey: ['session'], queryFn: ({ signal }) => api('GET /session', undefined, { signal }) })
