import { useQueryClient } from '@tanstack/react-query'
import { session } from '../../api/session'
import type { Staff } from '../../api/types'
import { PasswordForm } from './password-form'

/** The first password was given by somebody else: it is changed before anything is shown. */
export function FirstPassword({ staff }: { staff: Staff }) {
  const client = useQueryClient()
  return (
    <main className="grid min-h-dvh place-items-center bg-muted px-4 py-10">
      <div className="panel w-full max-w-sm p-6 sm:p-8">
        <img src="/admin/icon.svg" alt="" className="mb-5 size-10 rounded-lg" />
        <h1>Choose a password of your own</h1>
        <p className="mt-2 mb-5 text-muted-foreground">
          Welcome, {staff.name}. The password you signed in with was set for you; only you should know the
          next one.
        </p>
        <PasswordForm
          submit="Set the password"
          onDone={() => client.invalidateQueries({ queryKey: session.queryKey })}
        />
      </div>
    </main>
  )
}
