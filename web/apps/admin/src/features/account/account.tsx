import { isApiError } from '@stoa/api-client'
import { Alert, Badge, Button, Dialog, Field, toast } from '@stoa/ui'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { request } from '../../api/request'
import { session } from '../../api/session'
import { PageHead, Panel, TextInput } from '../../components/controls'
import { QrCode } from '../../components/qr-code'
import { Failure, TableSkeleton } from '../../components/states'
import { Time } from '../../components/time'
import { deviceOf } from '../../lib/device'
import { fieldErrors, problemText } from '../../lib/problem'
import { PasswordForm } from '../session/password-form'
import { Passkeys } from './passkeys'

type SessionItem = {
  id: string
  staff_id: string
  name: string
  ip: string
  user_agent: string
  created_at: string
  last_seen_at: string
  current: boolean
}
export const sessions = queryOptions({
  queryKey: ['sessions'],
  queryFn: async ({ signal }) =>
    (await request<{ sessions: SessionItem[] }>('GET', '/sessions', { signal })).sessions,
})
const totp = queryOptions({
  queryKey: ['totp'],
  queryFn: ({ signal }) =>
    request<{ enabled: boolean; recovery_codes_left: number }>('GET', '/me/totp', { signal }),
})

export function Account() {
  const me = useQuery(session).data?.staff
  return (
    <div className="mx-auto max-w-3xl">
      <PageHead title="Your account" note={me ? `${me.name}, ${me.email}` : ''} />
      <div className="space-y-4">
        <Passkeys />
        <SecondFactor />
        <Sessions mine={me?.id ?? ''} />
        <Panel title="Password">
          <div className="max-w-sm p-4">
            <PasswordForm
              submit="Change the password"
              onDone={() => toast('Changed. Everywhere else you are signed out.', { tone: 'success' })}
            />
          </div>
        </Panel>
      </div>
    </div>
  )
}

function Sessions({ mine }: { mine: string }) {
  const client = useQueryClient()
  const found = useQuery(sessions)
  const end = useMutation({
    mutationFn: (id: string) => request<void>('DELETE', `/sessions/${encodeURIComponent(id)}`),
    onSuccess: () => toast('Signed out there.'),
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: sessions.queryKey }),
  })
  const entries = found.data ?? []
  const own = entries.filter((entry) => entry.staff_id === mine)
  // Only who looks after the staff is told of theirs.
  const others = entries
    .filter((entry) => entry.staff_id !== mine)
    .sort((a, b) => a.name.localeCompare(b.name) || b.last_seen_at.localeCompare(a.last_seen_at))
  const list = (shown: SessionItem[], label: string) => (
    <ul aria-label={label} className="divide-y">
      {shown.map((entry) => (
        <li key={entry.id} className="flex items-center gap-4 px-4 py-2.5">
          <div className="min-w-0 flex-1">
            <p>
              {entry.staff_id === mine ? null : <span className="mr-2 font-medium">{entry.name}</span>}
              <span title={entry.user_agent}>{deviceOf(entry.user_agent)}</span>
            </p>
            <p className="text-xs text-muted-foreground">
              {entry.ip} · last seen <Time at={entry.last_seen_at} />
            </p>
          </div>
          {entry.current ? (
            <Badge tone="success">This one</Badge>
          ) : (
            <Button
              size="sm"
              variant="outline"
              disabled={end.isPending}
              aria-label={
                entry.staff_id === mine
                  ? `Sign out on ${deviceOf(entry.user_agent)}`
                  : `Sign ${entry.name} out on ${deviceOf(entry.user_agent)}`
              }
              onClick={() => end.mutate(entry.id)}
            >
              Sign out
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
  return (
    <>
      <Panel title="Where you are signed in">
        {found.isPending ? (
          <TableSkeleton rows={2} columns={3} />
        ) : found.error && !found.data ? (
          <div className="p-4">
            <Failure error={found.error} retry={() => found.refetch()} />
          </div>
        ) : (
          list(own, 'Where you are signed in')
        )}
      </Panel>
      {others.length ? (
        <Panel title="Where others of the staff are signed in">
          {list(others, 'Where others of the staff are signed in')}
        </Panel>
      ) : null}
    </>
  )
}

function SecondFactor() {
  const found = useQuery(totp)
  const [open, setOpen] = useState<'on' | 'off' | null>(null)
  return (
    <Panel
      title="Second factor"
      actions={
        found.data ? (
          <Badge tone={found.data.enabled ? 'success' : 'warning'}>{found.data.enabled ? 'On' : 'Off'}</Badge>
        ) : null
      }
    >
      <div className="space-y-3 p-4">
        {found.error && !found.data ? <Failure error={found.error} retry={() => found.refetch()} /> : null}
        {found.data?.enabled ? (
          <>
            <p>
              Besides your password, signing in asks for a code of your authenticator app.{' '}
              {found.data.recovery_codes_left} recovery codes are left.
            </p>
            <Button size="sm" variant="outline" onClick={() => setOpen('off')}>
              Turn it off
            </Button>
          </>
        ) : found.data ? (
          <>
            <p>With a code of an authenticator app, a stolen password alone opens nothing.</p>
            <Button size="sm" onClick={() => setOpen('on')}>
              Turn it on
            </Button>
          </>
        ) : null}
      </div>
      <Dialog
        open={open !== null}
        onClose={() => setOpen(null)}
        title={open === 'off' ? 'Turn the second factor off' : 'Turn the second factor on'}
        closeLabel="Close"
      >
        {open === 'on' ? <TurnOn onDone={() => setOpen(null)} /> : null}
        {open === 'off' ? <TurnOff onDone={() => setOpen(null)} /> : null}
      </Dialog>
    </Panel>
  )
}

function AskPassword({
  submit,
  pending,
  error,
  onSubmit,
}: {
  submit: string
  pending: boolean
  error: unknown
  onSubmit: (password: string) => void
}) {
  const [password, setPassword] = useState('')
  const text = isApiError(error, 'staff.invalid_credentials')
    ? 'This is not your password.'
    : error
      ? (fieldErrors(error).password ?? problemText(error))
      : ''
  return (
    <form
      className="space-y-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (password) onSubmit(password)
      }}
    >
      <Field label="Your password" error={text}>
        <TextInput
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Button type="submit" size="sm" pending={pending}>
        {submit}
      </Button>
    </form>
  )
}

function TurnOn({ onDone }: { onDone: () => void }) {
  const client = useQueryClient()
  const [code, setCode] = useState('')
  const begin = useMutation({
    mutationFn: (password: string) =>
      request<{ secret: string; otpauth_uri: string }>('POST', '/me/totp', { body: { password } }),
  })
  const confirm = useMutation({
    mutationFn: () =>
      request<{ recovery_codes: string[] }>('POST', '/me/totp/confirm', {
        body: { code: code.replace(/\s/g, '') },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: totp.queryKey })
      void client.invalidateQueries({ queryKey: session.queryKey })
    },
  })
  if (confirm.data)
    return (
      <div className="space-y-4">
        <Alert tone="success" title="The second factor is on">
          Keep these codes where you find them without your phone. Each opens once, and they are not shown
          again.
        </Alert>
        <ul className="grid grid-cols-2 gap-2 rounded-md bg-muted p-4 font-mono">
          {confirm.data.recovery_codes.map((entry) => (
            <li key={entry}>{entry}</li>
          ))}
        </ul>
        <div className="flex gap-2">
          <Button
            size="sm"
            variant="outline"
            onClick={() =>
              navigator.clipboard
                .writeText(confirm.data.recovery_codes.join('\n'))
                .then(() => toast('Copied.'))
                .catch(() => toast('The browser did not allow it; write them down.', { tone: 'error' }))
            }
          >
            Copy them
          </Button>
          <Button size="sm" onClick={onDone}>
            I have kept them
          </Button>
        </div>
      </div>
    )
  if (!begin.data)
    return (
      <AskPassword
        submit="Continue"
        pending={begin.isPending}
        error={begin.error}
        onSubmit={(password) => begin.mutate(password)}
      />
    )
  const wrong = confirm.error
    ? isApiError(confirm.error, 'staff.invalid_code')
      ? 'This code is not right, or no longer. Take the one that is shown now.'
      : problemText(confirm.error)
    : ''
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (code.trim()) confirm.mutate()
      }}
    >
      <ol className="list-decimal space-y-2 pl-5">
        <li>
          In your authenticator app, add an account and scan this picture
          {' ('}
          <a className="underline" href={begin.data.otpauth_uri}>
            or open it on this device
          </a>
          {'):'}
          <span className="my-2 block">
            <QrCode text={begin.data.otpauth_uri} label="The key as a QR code" />
          </span>
          Without a camera, enter this key:
          <code className="mt-1 block rounded-md bg-muted p-3 text-base break-all select-all">
            {begin.data.secret.replace(/(.{4})(?=.)/g, '$1 ')}
          </code>
        </li>
        <li>Enter the six digits that it shows.</li>
      </ol>
      <Field label="Code" error={wrong}>
        <TextInput
          autoComplete="one-time-code"
          inputMode="numeric"
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </Field>
      <Button type="submit" size="sm" pending={confirm.isPending}>
        Turn it on
      </Button>
    </form>
  )
}

function TurnOff({ onDone }: { onDone: () => void }) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: (password: string) => request<void>('DELETE', '/me/totp', { body: { password } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: totp.queryKey })
      void client.invalidateQueries({ queryKey: session.queryKey })
      toast('The second factor is off.')
      onDone()
    },
  })
  return (
    <AskPassword
      submit="Turn it off"
      pending={remove.isPending}
      error={remove.error}
      onSubmit={(password) => remove.mutate(password)}
    />
  )
}
