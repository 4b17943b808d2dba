import { isApiError, newIdempotencyKey } from '@stoa/api-client'
import { Alert, Badge, Button, Dialog, Field, toast } from '@stoa/ui'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { type OrderDocument, orderDocuments, pdfHref, sendDocument, xmlHref } from '../../api/documents'
import { Panel, TextInput } from '../../components/controls'
import { Failure } from '../../components/states'
import { Time } from '../../components/time'
import { money, words } from '../../lib/format'
import { fieldErrors, problemText } from '../../lib/problem'

/** Invoices and credit notes: to look at, to hand on as XML, to mail again. */
export function Documents({ number, email, may }: { number: string; email: string; may: boolean }) {
  const found = useQuery(orderDocuments(number))
  const [sent, setSent] = useState<OrderDocument | null>(null)
  if (found.error && !found.data)
    return (
      <Panel title="Documents">
        <div className="p-4">
          <Failure error={found.error} retry={() => found.refetch()} />
        </div>
      </Panel>
    )
  if (!found.data || (found.data.items.length === 0 && !found.data.waits_for)) return null
  return (
    <Panel title="Documents">
      {found.data.waits_for ? (
        <Alert tone="warning" title="The next document waits" className="m-4">
          {found.data.waits_for}
        </Alert>
      ) : null}
      <ul className="divide-y">
        {found.data.items.map((document) => (
          <li key={document.id} className="space-y-1.5 px-4 py-2.5">
            <p className="flex flex-wrap items-baseline justify-between gap-2">
              <span>
                {words(document.kind)} <span className="font-medium">{document.number}</span>
              </span>
              <span className="tabular-nums">{money(document.total)}</span>
            </p>
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted-foreground">
              <Time at={document.issued_at} />
              {document.ready ? (
                <span className="ml-auto flex items-center gap-3">
                  <a
                    className="underline"
                    href={pdfHref(document.id)}
                    aria-label={`${document.number} as PDF`}
                  >
                    PDF
                  </a>
                  <a
                    className="underline"
                    href={xmlHref(document.id)}
                    aria-label={`${document.number} as XML`}
                  >
                    XML
                  </a>
                  {may ? (
                    <button
                      type="button"
                      className="underline"
                      aria-label={`Mail again: ${document.number}`}
                      onClick={() => setSent(document)}
                    >
                      Mail again
                    </button>
                  ) : null}
                </span>
              ) : (
                <Badge className="ml-auto">Being made</Badge>
              )}
            </div>
          </li>
        ))}
      </ul>
      <Dialog
        open={sent !== null}
        onClose={() => setSent(null)}
        title={`Mail ${sent?.number ?? ''} again`}
        closeLabel="Close"
      >
        {sent ? <Send document={sent} email={email} onDone={() => setSent(null)} /> : null}
      </Dialog>
    </Panel>
  )
}

function Send({ document, email, onDone }: { document: OrderDocument; email: string; onDone: () => void }) {
  const [to, setTo] = useState(email)
  const key = useRef(newIdempotencyKey())
  const send = useMutation({
    mutationFn: () => sendDocument(document.id, to.trim() === email ? '' : to.trim(), key.current),
    onSuccess: () => {
      toast(`${document.number} is on its way to ${to.trim()}.`, { tone: 'success' })
      onDone()
    },
    onError: (error) => {
      // Refused: what is sent next is another request.
      if (isApiError(error) && error.status < 500) key.current = newIdempotencyKey()
    },
  })
  const wrong = send.error ? (fieldErrors(send.error).to ?? problemText(send.error)) : ''
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (to.trim() && !send.isPending) send.mutate()
      }}
    >
      <Field label="To" error={wrong} hint="The order keeps its own address.">
        <TextInput type="email" value={to} onChange={(event) => setTo(event.target.value)} />
      </Field>
      <Button type="submit" size="sm" pending={send.isPending}>
        Send it
      </Button>
    </form>
  )
}
