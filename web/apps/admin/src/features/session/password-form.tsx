import { isApiError } from '@stoa/api-client'
import { Alert, Button, Field } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { changePassword } from '../../api/session'
import { TextInput } from '../../components/controls'
import { fieldErrors, problemText } from '../../lib/problem'

/** The present password and a new one. */
export function PasswordForm({ onDone, submit }: { onDone: () => void; submit: string }) {
  const [current, setCurrent] = useState('')
  const [fresh, setFresh] = useState('')
  const [missing, setMissing] = useState<Record<string, string>>({})
  const send = useMutation({
    mutationFn: () => changePassword(current, fresh),
    onSuccess: () => {
      setCurrent('')
      setFresh('')
      onDone()
    },
  })
  const errors = { ...fieldErrors(send.error), ...missing }
  if (isApiError(send.error, 'staff.invalid_credentials'))
    errors.current ??= 'This is not your present password.'
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    const found: Record<string, string> = {}
    if (!current) found.current = 'Enter your present password.'
    if (fresh.length < 12) found.new = 'Take at least 12 characters, such as four words.'
    setMissing(found)
    if (Object.keys(found).length === 0 && !send.isPending) send.mutate()
  }
  return (
    <form onSubmit={onSubmit} noValidate className="space-y-4">
      {send.error && Object.keys(errors).length === 0 ? (
        <Alert tone="error">{problemText(send.error)}</Alert>
      ) : null}
      <Field label="Present password" error={errors.current}>
        <TextInput
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
      </Field>
      <Field label="New password" hint="At least 12 characters." error={errors.new}>
        <TextInput
          type="password"
          autoComplete="new-password"
          value={fresh}
          onChange={(event) => setFresh(event.target.value)}
        />
      </Field>
      <Button type="submit" size="sm" pending={send.isPending}>
        {submit}
      </Button>
    </form>
  )
}
