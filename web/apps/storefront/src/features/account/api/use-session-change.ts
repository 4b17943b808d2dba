'use client'
import type { Session } from '@stoa/api-client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { noteBuyer } from '@/features/buyer/use-viewer'
import { api } from '@/lib/api'
import { forgetPerson } from '../person'

function useSessionChange<Input>(send: (input: Input) => Promise<Session | undefined>) {
  const queries = useQueryClient()
  const router = useRouter()
  return useMutation({
    mutationFn: send,
    onSuccess: async (session) => {
      // Pages that the browser keeps were rendered for the one before.
      if (noteBuyer()) router.refresh()
      forgetPerson(queries)
      if (session) queries.setQueryData(['session'], session)
      else await queries.invalidateQueries({ queryKey: ['session'] })
    },
  })
}

export const useLogin = () =>
  useSessionChange((body: { email: string; password: string }) => api('POST /account/login', { body }))

export const useVerify = () =>
  useSessionChange((token: string) => api('POST /account/verify', { body: { token } }))

export const useResetPassword = () =>
  useSessionChange((body: { token: string; password: string }) =>
    api('POST /account/password/reset', { body }),
  )

export const useLogout = () => useSessionChange<void>(() => api('POST /account/logout'))

export const useLogoutEverywhere = () => useSessionChange<void>(() => api('POST /account/logout-all'))

export const useDeleteAccount = () =>
  useSessionChange((password: string) => api('DELETE /account', { body: { password } }))

export const useResend = () =>
  useMutation({ mutationFn: (email: string) => api('POST /account/verify/resend', { body: { email } }) })
