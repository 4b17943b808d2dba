import { isApiError } from '@stoa/api-client'
import { Alert, Button, Field } from '@stoa/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { canPasskeys, deviceProblem, isGivenUp, signInWithPasskey } from '../../api/passkeys'
import { changeSession, giveCode, signIn, signOut } from '../../api/session'
import type { SignInAnswer } from '../../api/types'
import { TextInput } from '../../components/controls'
import { fieldErrors, problemText } from '../../lib/problem'

function refusal(error: unknown): string | undefined {
  if (!error) return undefined
  if (isApiError(error) && error.status === 401) return 'The address or the password is not right.'
  return problemText(error)
}

/** The password, then the second factor where there is one. What was typed stays when the server refuses. */
export function SignIn({ second: waits = false }: { second?: boolean }) {
  const client = useQueryClient()
  const [second, setSecond] = useState(waits)
  const accept = (answer: SignInAnswer) => {
    if (answer.status === 'second_factor') setSecond(true)
    else changeSession(client, answer)
  }
  return (
    <main className="grid min-h-dvh place-items-center bg-muted px-4 py-10">
      <div className="panel w-full max-w-sm p-6 sm:p-8">
        <img src="/admin/icon.svg" alt="" className="mb-5 size-10 rounded-lg" />
        {second ? (
          <Code
            accept={accept}
            back={() => {
              void signOut().catch(() => undefined)
              setSecond(false)
            }}
          />
        ) : (
          <Password accept={accept} />
        )}
      </div>
    </main>
  )
}

function Password({ accept }: { accept: (answer: SignInAnswer) => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [missing, setMissing] = useState<Record<string, string>>({})
  const send = useMutation({ mutationFn: () => signIn(email.trim(), password), onSuccess: accept })
  const errors = { ...fieldErrors(send.error), ...missing }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found: Record<string, string> = {}
    if (!email.trim()) found.email = 'Enter your email address.'
    if (!password) found.password = 'Enter your password.'
    setMissing(found)
    if (Object.keys(found).length === 0 && !send.isPending) send.mutate()
  }
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      <h1>Sign in to the back office</h1>
      {send.error && Object.keys(errors).length === 0 ? (
        <Alert tone="error">{refusal(send.error)}</Alert>
      ) : null}
      <Field label="Email address" error={errors.email}>
        <TextInput
          type="email"
          autoComplete="username"
          inputMode="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </Field>
      <Field label="Password" error={errors.password}>
        <TextInput
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Button type="submit" block pending={send.isPending}>
        Sign in
      </Button>
      <WithPasskey accept={accept} />
    </form>
  )
}

function Code({ accept, back }: { accept: (answer: SignInAnswer) => void; back: () => void }) {
  const [code, setCode] = useState('')
  const [missing, setMissing] = useState('')
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const send = useMutation({ mutationFn: () => giveCode(code.replace(/\s/g, '')), onSuccess: accept })
  const wrong =
    send.error && isApiError(send.error) && (send.error.status === 401 || send.error.status === 422)
      ? 'This code is not right, or no longer. Take the one that is shown now.'
      : send.error
        ? problemText(send.error)
        : ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!code.trim()) setMissing('Enter the code.')
    else if (!send.isPending) {
      setMissing('')
      send.mutate()
    }
  }
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      <h1>One more step</h1>
      <p className="text-muted-foreground">
        Enter the six digits that your authenticator app shows, or one of your recovery codes.
      </p>
      <Field label="Code" error={missing || wrong}>
        <input
          ref={input}
          className="control tabular-nums"
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </Field>
      <Button type="submit" block pending={send.isPending}>
        Continue
      </Button>
      <WithPasskey accept={accept} />
      <Button variant="ghost" size="sm" block onClick={back}>
        Sign in as somebody else
      </Button>
    </form>
  )
}

/** Both steps in one, for whoever has a passkey on this device. */
function WithPasskey({ accept }: { accept: (answer: SignInAnswer) => void }) {
  const send = useMutation({ mutationFn: signInWithPasskey, onSuccess: accept })
  if (!canPasskeys()) return null
  const wrong =
    send.error && !isGivenUp(send.error)
      ? isApiError(send.error, 'staff.passkey_refused')
        ? 'This passkey does not open the back office. It may have been removed from your account.'
        : (deviceProblem(send.error) ?? problemText(send.error))
      : ''
  return (
    <>
      {wrong ? <Alert tone="error">{wrong}</Alert> : null}
      <Button variant="outline" block pending={send.isPending} onClick={() => send.mutate()}>
        Use a passkey
      </Button>
    </>
  )
}
