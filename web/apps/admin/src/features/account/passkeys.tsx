import { isApiError } from '@stoa/api-client'
import { Badge, Button, Dialog, Field, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import {
  canPasskeys,
  createPasskey,
  deviceProblem,
  isGivenUp,
  type Passkey,
  passkeys,
  removePasskey,
} from '../../api/passkeys'
import { Panel, TextInput } from '../../components/controls'
import { Failure, TableSkeleton } from '../../components/states'
import { Time } from '../../components/time'
import { deviceOf } from '../../lib/device'
import { fieldErrors, problemText } from '../../lib/problem'

/** Keys that open the back office without a password, and that this account can do without one by one. */
export function Passkeys() {
  const found = useQuery(passkeys)
  const [open, setOpen] = useState<'add' | Passkey | null>(null)
  const close = () => setOpen(null)
  return (
    <Panel
      title="Passkeys"
      actions={
        canPasskeys() ? (
          <Button size="sm" onClick={() => setOpen('add')}>
            Add a passkey
          </Button>
        ) : null
      }
    >
      {found.isPending ? (
        <TableSkeleton rows={1} columns={3} />
      ) : found.error && !found.data ? (
        <div className="p-4">
          <Failure error={found.error} retry={() => found.refetch()} />
        </div>
      ) : found.data?.length ? (
        <ul className="divide-y">
          {found.data.map((key) => (
            <li key={key.id} className="flex items-center gap-4 px-4 py-2.5">
              <div className="min-w-0 flex-1">
                <p className="break-words">
                  {key.name}
                  {key.backed_up ? (
                    <Badge tone="neutral" className="ml-2">
                      On several devices
                    </Badge>
                  ) : null}
                </p>
                <p className="text-xs text-muted-foreground">
                  Added <Time at={key.created_at} />
                  {key.last_used_at ? (
                    <>
                      , last used <Time at={key.last_used_at} />
                    </>
                  ) : (
                    ', never used'
                  )}
                </p>
              </div>
              <Button
                size="sm"
                variant="outline"
                aria-label={`Remove the passkey ${key.name}`}
                onClick={() => setOpen(key)}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      ) : (
        <p className="p-4">
          Sign in with your fingerprint, your face or a security key. A passkey takes the place of the
          password and of the second factor, and cannot be given away by mistake.
          {canPasskeys() ? null : ' This browser cannot make one.'}
        </p>
      )}
      <Dialog
        open={open !== null}
        onClose={close}
        title={open === 'add' ? 'Add a passkey' : 'Remove the passkey'}
        closeLabel="Close"
      >
        {open === 'add' ? <Add onDone={close} /> : open ? <Remove passkey={open} onDone={close} /> : null}
      </Dialog>
    </Panel>
  )
}

function passwordError(error: unknown): string {
  if (!error || deviceProblem(error)) return ''
  if (isApiError(error, 'staff.invalid_credentials')) return 'This is not your password.'
  return fieldErrors(error).password ?? ''
}

function Add({ onDone }: { onDone: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState(() => deviceOf(navigator.userAgent))
  const [password, setPassword] = useState('')
  const add = useMutation({
    mutationFn: () => createPasskey(name.trim(), password),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: passkeys.queryKey })
      toast('Added. From now on it signs you in.', { tone: 'success' })
      onDone()
    },
  })
  const wrong = passwordError(add.error)
  const other =
    add.error && !wrong && !isGivenUp(add.error) ? (deviceProblem(add.error) ?? problemText(add.error)) : ''
  return (
    <form
      className="space-y-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (name.trim() && password && !add.isPending) add.mutate()
      }}
    >
      <Field label="Name" hint="So that you know it again in the list.">
        <TextInput required maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="Your password" error={wrong}>
        <TextInput
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      {other ? (
        <p role="alert" className="text-destructive">
          {other}
        </p>
      ) : null}
      <Button type="submit" size="sm" pending={add.isPending}>
        Continue
      </Button>
    </form>
  )
}

function Remove({ passkey, onDone }: { passkey: Passkey; onDone: () => void }) {
  const client = useQueryClient()
  const [password, setPassword] = useState('')
  const remove = useMutation({
    mutationFn: () => removePasskey(passkey.id, password),
    onSuccess: () => {
      toast(`${passkey.name} no longer signs you in.`)
      onDone()
    },
    onSettled: () => client.invalidateQueries({ queryKey: passkeys.queryKey }),
  })
  const wrong = passwordError(remove.error)
  return (
    <form
      className="space-y-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (password && !remove.isPending) remove.mutate()
      }}
    >
      <p>
        <strong>{passkey.name}</strong> will not sign you in any more. The device may go on offering it until
        you remove it there as well.
      </p>
      <Field label="Your password" error={wrong || (remove.error ? problemText(remove.error) : '')}>
        <TextInput
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Button type="submit" size="sm" variant="destructive" pending={remove.isPending}>
        Remove it
      </Button>
    </form>
  )
}
