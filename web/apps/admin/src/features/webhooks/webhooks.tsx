import { newIdempotencyKey } from '@stoa/api-client'
import { Alert, Badge, Button, Dialog, Field, toast } from '@stoa/ui'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { session } from '../../api/session'
import {
  changeEndpoint,
  createEndpoint,
  deliveries,
  type Endpoint,
  endpoints,
  pingEndpoint,
  removeEndpoint,
  renewToken,
  replay,
  rotateSecret,
} from '../../api/webhooks'
import { PageHead, Panel, TextArea, TextInput } from '../../components/controls'
import { BlockSkeleton, Failure, Nothing, TableSkeleton } from '../../components/states'
import { Time } from '../../components/time'
import { toneOf, words } from '../../lib/format'
import { may as holds } from '../../lib/permissions'
import { fieldErrors, problemText } from '../../lib/problem'
import { typesOf } from './types'

type Open =
  | { what: 'edit'; endpoint: Endpoint | null }
  | { what: 'log' | 'rotate' | 'token' | 'remove'; endpoint: Endpoint }
  | null

const TITLES = {
  edit: 'Endpoint',
  log: 'Deliveries',
  rotate: 'New signing secret',
  token: 'New reading token',
  remove: 'Remove the endpoint',
}
const WHY: Record<string, string> = {
  staff: 'Switched off by the staff.',
  failing: 'Switched off: it failed for five days.',
  gone: 'Switched off: it answered that it is gone.',
}

/** Other systems that are told about events: who they are, what they were sent, and what became of it. */
export function Webhooks() {
  const found = useQuery(endpoints)
  const me = useQuery(session).data?.staff
  const may = holds(me?.permissions ?? [], 'webhooks.update')
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <div className="mx-auto max-w-5xl">
      <PageHead
        title="Webhooks"
        note="Other systems that are told what happens"
        actions={
          may ? (
            <Button size="sm" onClick={() => setOpen({ what: 'edit', endpoint: null })}>
              Add an endpoint
            </Button>
          ) : null
        }
      />
      {found.isPending ? (
        <BlockSkeleton />
      ) : !found.data ? (
        <Failure error={found.error} retry={() => found.refetch()} />
      ) : found.data.length === 0 ? (
        <Nothing title="Nobody is told anything yet">
          An endpoint is an address that gets a signed message for each event it wants.
        </Nothing>
      ) : (
        <div className="space-y-4">
          {found.data.map((endpoint) => (
            <Card key={endpoint.id} endpoint={endpoint} may={may} open={setOpen} />
          ))}
        </div>
      )}
      <Dialog open={open !== null} onClose={close} title={open ? TITLES[open.what] : ''} closeLabel="Close">
        {open?.what === 'edit' ? <Edit endpoint={open.endpoint} onDone={close} /> : null}
        {open?.what === 'log' ? <Log endpoint={open.endpoint} may={may} /> : null}
        {open?.what === 'token' ? <Renew endpoint={open.endpoint} onDone={close} /> : null}
        {open?.what === 'rotate' ? <Rotate endpoint={open.endpoint} onDone={close} /> : null}
        {open?.what === 'remove' ? <Remove endpoint={open.endpoint} onDone={close} /> : null}
      </Dialog>
    </div>
  )
}

function Card({ endpoint, may, open }: { endpoint: Endpoint; may: boolean; open: (open: Open) => void }) {
  const client = useQueryClient()
  const ping = useMutation({
    mutationFn: () => pingEndpoint(endpoint.id),
    onSuccess: (pong) =>
      pong.taken
        ? toast(`It answered ${pong.status}.`, { tone: 'success' })
        : toast(pong.status ? `It answered ${pong.status}: ${pong.error}` : `Not reached: ${pong.error}`, {
            tone: 'error',
          }),
    onError: (error) => toast(problemText(error), { tone: 'error' }),
  })
  const turn = useMutation({
    mutationFn: () => changeEndpoint(endpoint.id, { enabled: !endpoint.enabled }),
    onSuccess: () =>
      toast(
        endpoint.enabled
          ? 'Switched off: nothing is sent there.'
          : 'Switched on: events are sent there again.',
        { tone: 'success' },
      ),
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: endpoints.queryKey }),
  })
  return (
    <Panel
      title={<span className="font-mono text-xs break-all sm:text-sm">{endpoint.url}</span>}
      actions={
        !endpoint.enabled ? (
          <Badge>Off</Badge>
        ) : endpoint.failing_since ? (
          <Badge tone="warning">Failing</Badge>
        ) : (
          <Badge tone="success">On</Badge>
        )
      }
    >
      <div className="space-y-3 p-4">
        {endpoint.description ? <p>{endpoint.description}</p> : null}
        {!endpoint.enabled ? <Alert tone="warning">{WHY[endpoint.disabled_reason] ?? 'Off.'}</Alert> : null}
        {endpoint.enabled && endpoint.failing_since ? (
          <Alert tone="warning">
            Nothing was taken since <Time at={endpoint.failing_since} />. It is tried again by itself.
          </Alert>
        ) : null}
        <ul className="flex flex-wrap gap-1.5">
          {endpoint.types.map((type) => (
            <li key={type}>
              <Badge className="font-mono">{type}</Badge>
            </li>
          ))}
        </ul>
        <p className="text-xs text-muted-foreground">
          Since <Time at={endpoint.created_at} /> · {endpoint.pending} to be sent · {endpoint.failed} given up
        </p>
        <div className="flex flex-wrap gap-2">
          <Button size="sm" variant="outline" onClick={() => open({ what: 'log', endpoint })}>
            Deliveries
          </Button>
          {may ? (
            <>
              <Button size="sm" variant="outline" pending={ping.isPending} onClick={() => ping.mutate()}>
                Send a test
              </Button>
              <Button size="sm" variant="outline" onClick={() => open({ what: 'edit', endpoint })}>
                Change
              </Button>
              <Button size="sm" variant="outline" pending={turn.isPending} onClick={() => turn.mutate()}>
                {endpoint.enabled ? 'Switch off' : 'Switch on'}
              </Button>
              <Button size="sm" variant="outline" onClick={() => open({ what: 'rotate', endpoint })}>
                New secret
              </Button>
              <Button size="sm" variant="outline" onClick={() => open({ what: 'token', endpoint })}>
                New token
              </Button>
              <Button size="sm" variant="ghost" onClick={() => open({ what: 'remove', endpoint })}>
                Remove
              </Button>
            </>
          ) : null}
        </div>
      </div>
    </Panel>
  )
}

function Secret({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <p className="mb-1 text-sm font-medium">{label}</p>
      <div className="flex items-center gap-2">
        <code className="min-w-0 flex-1 rounded-md bg-muted p-3 text-xs break-all select-all">{value}</code>
        <Button
          size="sm"
          variant="outline"
          aria-label={`Copy: ${label}`}
          onClick={() =>
            navigator.clipboard
              .writeText(value)
              .then(() => toast('Copied.'))
              .catch(() => toast('The browser did not allow it; select it and copy.', { tone: 'error' }))
          }
        >
          Copy
        </Button>
      </div>
    </div>
  )
}

function Edit({ endpoint, onDone }: { endpoint: Endpoint | null; onDone: () => void }) {
  const client = useQueryClient()
  const [url, setUrl] = useState(endpoint?.url ?? 'https://')
  const [description, setDescription] = useState(endpoint?.description ?? '')
  const [types, setTypes] = useState(endpoint?.types.join('\n') ?? 'order.*')
  const save = useMutation({
    mutationFn: async () => {
      const input = { url: url.trim(), description: description.trim(), types: typesOf(types) }
      if (!endpoint) return createEndpoint(input)
      await changeEndpoint(endpoint.id, input)
      return null
    },
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: endpoints.queryKey })
      if (!made) onDone()
    },
  })
  if (save.data)
    return (
      <div className="space-y-4">
        <Alert tone="success" title="The endpoint is on">
          Give these to the other system now: they are not shown again.
        </Alert>
        <Secret label="Signing secret: proves that a message is ours" value={save.data.secret} />
        <Secret label="Token: reads the event log from any position" value={save.data.token} />
        <Button size="sm" onClick={onDone}>
          I have kept them
        </Button>
      </div>
    )
  const errors = fieldErrors(save.error)
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!save.isPending) save.mutate()
      }}
    >
      <Field label="Address" error={errors.url}>
        <TextInput type="url" inputMode="url" value={url} onChange={(event) => setUrl(event.target.value)} />
      </Field>
      <Field label="What it is for" error={errors.description}>
        <TextInput
          maxLength={200}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
      <Field label="Events" error={errors.types} hint="One a line: order.confirmed, order.* or * for all.">
        <TextArea
          rows={4}
          spellCheck={false}
          className="font-mono"
          value={types}
          onChange={(event) => setTypes(event.target.value)}
        />
      </Field>
      {save.error && Object.keys(errors).length === 0 ? (
        <p role="alert" className="text-destructive">
          {problemText(save.error)}
        </p>
      ) : null}
      <Button type="submit" size="sm" pending={save.isPending}>
        {endpoint ? 'Save' : 'Add it'}
      </Button>
    </form>
  )
}

function Rotate({ endpoint, onDone }: { endpoint: Endpoint; onDone: () => void }) {
  const rotate = useMutation({ mutationFn: () => rotateSecret(endpoint.id) })
  if (rotate.data)
    return (
      <div className="space-y-4">
        <Secret label="Signing secret: not shown again" value={rotate.data.secret} />
        <p>For a day every message is signed by both, the new secret and the one before.</p>
        <Button size="sm" onClick={onDone}>
          I have kept it
        </Button>
      </div>
    )
  return (
    <div className="space-y-4">
      <p>
        The endpoint gets another secret. The one it has now goes on counting for a day, so that the other
        system can change over without losing a message.
      </p>
      {rotate.error ? (
        <p role="alert" className="text-destructive">
          {problemText(rotate.error)}
        </p>
      ) : null}
      <Button size="sm" pending={rotate.isPending} onClick={() => rotate.mutate()}>
        Make a new secret
      </Button>
    </div>
  )
}

function Renew({ endpoint, onDone }: { endpoint: Endpoint; onDone: () => void }) {
  const renew = useMutation({ mutationFn: () => renewToken(endpoint.id) })
  if (renew.data)
    return (
      <div className="space-y-4">
        <Secret label="Reading token: not shown again" value={renew.data.token} />
        <p>The one before reads nothing any more.</p>
        <Button size="sm" onClick={onDone}>
          I have kept it
        </Button>
      </div>
    )
  return (
    <div className="space-y-4">
      <p>The endpoint gets another token for reading events. The one it has now ends at once.</p>
      {renew.error ? (
        <p role="alert" className="text-destructive">
          {problemText(renew.error)}
        </p>
      ) : null}
      <Button size="sm" pending={renew.isPending} onClick={() => renew.mutate()}>
        Make a new token
      </Button>
    </div>
  )
}

function Remove({ endpoint, onDone }: { endpoint: Endpoint; onDone: () => void }) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => removeEndpoint(endpoint.id),
    onSuccess: () => {
      toast('The endpoint is removed.')
      onDone()
    },
    onSettled: () => client.invalidateQueries({ queryKey: endpoints.queryKey }),
  })
  return (
    <div className="space-y-4">
      <p>
        <span className="font-mono text-sm break-all">{endpoint.url}</span> is told nothing any more, its
        token reads nothing, and its log of deliveries goes with it.
      </p>
      {remove.error ? (
        <p role="alert" className="text-destructive">
          {problemText(remove.error)}
        </p>
      ) : null}
      <Button size="sm" variant="destructive" pending={remove.isPending} onClick={() => remove.mutate()}>
        Remove it
      </Button>
    </div>
  )
}

function Log({ endpoint, may }: { endpoint: Endpoint; may: boolean }) {
  const client = useQueryClient()
  const found = useInfiniteQuery(deliveries(endpoint.id))
  const [after, setAfter] = useState('0')
  const rows = found.data?.pages.flat() ?? []
  const again = useMutation({
    // The server takes a thousand events of the log at a time.
    mutationFn: async () => {
      let queued = 0
      let from: number | null | undefined = Number(after)
      while (from !== null && from !== undefined) {
        const part: { queued: number; next?: number | null } = await replay(
          endpoint.id,
          from,
          newIdempotencyKey(),
        )
        queued += part.queued
        from = part.next
      }
      return queued
    },
    onSuccess: (queued) => toast(`${queued} will be sent again.`, { tone: 'success' }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['webhook-deliveries', endpoint.id] })
      void client.invalidateQueries({ queryKey: endpoints.queryKey })
    },
  })
  return (
    <div className="space-y-4">
      {may ? (
        <form
          className="flex flex-wrap items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            if (/^\d+$/.test(after) && !again.isPending) again.mutate()
          }}
        >
          <Field
            label="Send everything again after position"
            error={again.error ? problemText(again.error) : ''}
          >
            <TextInput
              inputMode="numeric"
              pattern="[0-9]+"
              className="w-40"
              value={after}
              onChange={(event) => setAfter(event.target.value)}
            />
          </Field>
          <Button type="submit" size="sm" variant="outline" pending={again.isPending}>
            Send again
          </Button>
        </form>
      ) : null}
      {found.isPending ? (
        <TableSkeleton rows={5} columns={4} />
      ) : !found.data ? (
        <Failure error={found.error} retry={() => found.refetch()} />
      ) : rows.length === 0 ? (
        <p className="text-muted-foreground">Nothing was sent in the last thirty days.</p>
      ) : (
        <div className="overflow-x-auto">
          <table className="grid-table">
            <caption className="sr-only">Deliveries, the newest first</caption>
            <thead>
              <tr>
                <th scope="col" className="number">
                  Position
                </th>
                <th scope="col">Event</th>
                <th scope="col">State</th>
                <th scope="col">Answer</th>
                <th scope="col">When</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td className="number">{row.position}</td>
                  <td className="font-mono text-xs">{row.type}</td>
                  <td>
                    <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge>
                  </td>
                  <td className="max-w-60 truncate" title={row.error}>
                    {row.status ?? (row.attempts ? 'none' : '')}
                    {row.attempts > 1 ? `, ${row.attempts} attempts` : ''}
                    {row.error ? <span className="text-muted-foreground"> {row.error}</span> : null}
                  </td>
                  <td>
                    <Time at={row.attempted_at ?? row.created_at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.hasNextPage ? (
        <Button
          size="sm"
          variant="outline"
          pending={found.isFetchingNextPage}
          onClick={() => found.fetchNextPage()}
        >
          Older ones
        </Button>
      ) : null}
    </div>
  )
}
