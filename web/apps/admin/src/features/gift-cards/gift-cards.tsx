import { newIdempotencyKey } from '@stoa/api-client'
import { Alert, Badge, Button, currencyExponent, Dialog, Field, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { blockGiftCard, type GiftCard, giftCard, giftCards, issueGiftCard } from '../../api/gift-cards'
import { session } from '../../api/session'
import { Confirm } from '../../components/confirm'
import { Choice, PageHead, Panel, TextArea, TextInput } from '../../components/controls'
import { Failure, TableSkeleton } from '../../components/states'
import { Time } from '../../components/time'
import { money, toneOf, words } from '../../lib/format'
import { may } from '../../lib/permissions'
import { fieldErrors, problemText } from '../../lib/problem'
import { parseAmount } from '../resources/draft'

/** Gift cards: which there are, what is on them, a new one, and the end of a lost one. */
export function GiftCards() {
  const [q, setQ] = useState('')
  const [pages, setPages] = useState<string[]>([''])
  const [open, setOpen] = useState<string | null>(null)
  const [issuing, setIssuing] = useState(false)
  const rights = useQuery(session).data?.staff?.permissions ?? []
  const found = useQuery(giftCards(q, pages.at(-1) ?? ''))
  return (
    <div className="mx-auto max-w-6xl">
      <PageHead
        title="Gift cards"
        actions={
          may(rights, 'gift_cards.issue') ? (
            <Button size="sm" onClick={() => setIssuing(true)}>
              Issue a gift card
            </Button>
          ) : null
        }
      />
      <Panel title="Cards">
        <div className="border-b p-4">
          <TextInput
            type="search"
            aria-label="Find a card"
            placeholder="Last four characters of a code, or an e-mail address"
            value={q}
            onChange={(event) => {
              setQ(event.target.value)
              setPages([''])
            }}
          />
        </div>
        {found.isPending ? <TableSkeleton rows={5} columns={5} /> : null}
        {found.error && !found.data ? <Failure error={found.error} retry={() => found.refetch()} /> : null}
        {found.data && found.data.items.length === 0 ? (
          <p className="px-4 py-3 text-muted-foreground">{q ? 'No card fits.' : 'No card was issued yet.'}</p>
        ) : null}
        {found.data?.items.length ? <Table cards={found.data.items} open={setOpen} /> : null}
        {pages.length > 1 || found.data?.next_cursor ? (
          <div className="flex justify-end gap-2 border-t p-3">
            <Button
              size="sm"
              variant="outline"
              disabled={pages.length === 1}
              onClick={() => setPages(pages.slice(0, -1))}
            >
              Newer
            </Button>
            <Button
              size="sm"
              variant="outline"
              disabled={!found.data?.next_cursor}
              onClick={() => setPages([...pages, found.data?.next_cursor ?? ''])}
            >
              Older
            </Button>
          </div>
        ) : null}
      </Panel>
      <Dialog open={open !== null} onClose={() => setOpen(null)} title="Gift card" closeLabel="Close">
        {open ? <Card id={open} mayBlock={may(rights, 'gift_cards.block')} /> : null}
      </Dialog>
      <Dialog open={issuing} onClose={() => setIssuing(false)} title="Issue a gift card" closeLabel="Close">
        {issuing ? <Issue /> : null}
      </Dialog>
    </div>
  )
}

function Table({ cards, open }: { cards: GiftCard[]; open: (id: string) => void }) {
  return (
    <div className="overflow-x-auto">
      <table className="grid-table">
        <caption className="sr-only">Gift cards</caption>
        <thead>
          <tr>
            <th scope="col">Code</th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Balance
            </th>
            <th scope="col" className="number">
              Issued with
            </th>
            <th scope="col">To</th>
            <th scope="col">Issued</th>
          </tr>
        </thead>
        <tbody>
          {cards.map((card) => (
            <tr key={card.id}>
              <td>
                <button type="button" className="underline underline-offset-4" onClick={() => open(card.id)}>
                  •••• {card.hint}
                </button>
              </td>
              <td>
                <Badge tone={toneOf(card.state)}>{words(card.state)}</Badge>
              </td>
              <td className="number">{money(card.balance)}</td>
              <td className="number">{money(card.issued)}</td>
              <td>{card.email}</td>
              <td>
                {card.staff}, <Time at={card.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const KINDS: Record<string, string> = {
  credit_put: 'Issued',
  capture: 'Paid an order',
  refund: 'Came back from an order',
  gift_card_voided: 'Written off',
}

function Card({ id, mayBlock }: { id: string; mayBlock: boolean }) {
  const client = useQueryClient()
  const found = useQuery(giftCard(id))
  const [asking, setAsking] = useState(false)
  const block = useMutation({
    mutationFn: () => blockGiftCard(id),
    onSuccess: () => toast('The card is blocked.', { tone: 'success' }),
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: () => {
      setAsking(false)
      void client.invalidateQueries({ queryKey: ['gift-cards'] })
      void client.invalidateQueries({ queryKey: giftCard(id).queryKey })
    },
  })
  if (found.isPending) return <TableSkeleton rows={3} columns={2} />
  if (!found.data) return <Failure error={found.error} retry={() => found.refetch()} />
  const { card, movements } = found.data
  const held = { ...card.balance, amount: card.balance.amount - card.available.amount }
  const facts: [string, string][] = [
    ['Balance', money(card.balance)],
    ['Issued with', money(card.issued)],
  ]
  if (held.amount) facts.push(['On hold for an order', money(held)])
  if (card.note) facts.push(['Note', card.note])
  return (
    <div className="space-y-4">
      <p className="flex items-center gap-2 font-medium">
        •••• {card.hint} <Badge tone={toneOf(card.state)}>{words(card.state)}</Badge>
        {card.expires_at ? (
          <span className="text-sm font-normal text-muted-foreground">
            until <Time at={card.expires_at} />
          </span>
        ) : null}
      </p>
      <dl className="divide-y">
        {facts.map(([label, value]) => (
          <div key={label} className="flex justify-between gap-4 py-1.5">
            <dt className="text-muted-foreground">{label}</dt>
            <dd className="tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <ul className="divide-y border-t">
        {movements.map((movement) => (
          <li
            key={`${movement.at}/${movement.kind}/${movement.amount.amount}`}
            className="flex justify-between gap-4 py-1.5"
          >
            <span>
              {KINDS[movement.kind] ?? words(movement.kind)}{' '}
              <span className="text-xs text-muted-foreground">
                <Time at={movement.at} />
              </span>
            </span>
            <span className="tabular-nums">{money(movement.amount)}</span>
          </li>
        ))}
      </ul>
      {mayBlock && card.state !== 'blocked' ? (
        <div className="flex justify-end">
          <Button size="sm" variant="destructive" onClick={() => setAsking(true)}>
            Block the card
          </Button>
        </div>
      ) : null}
      <Confirm
        open={asking}
        title="Block this gift card?"
        confirmLabel="Block the card"
        danger
        pending={block.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => block.mutate()}
      >
        Nobody pays with it any more, and the {money(card.balance)} on it are written off.
      </Confirm>
    </div>
  )
}

function Issue() {
  const client = useQueryClient()
  const [draft, setDraft] = useState({
    amount: '',
    currency: 'EUR',
    email: '',
    locale: 'en',
    expires: '',
    note: '',
  })
  const [problem, setProblem] = useState('')
  const key = useRef(newIdempotencyKey())
  const issue = useMutation({
    mutationFn: (amount: number) =>
      issueGiftCard(
        {
          amount: { amount, currency: draft.currency },
          ...(draft.expires ? { expires_at: `${draft.expires}T22:00:00Z` } : {}),
          ...(draft.email.trim() ? { email: draft.email.trim(), locale: draft.locale } : {}),
          note: draft.note.trim(),
        },
        key.current,
      ),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['gift-cards'] }),
    onError: () => {
      key.current = newIdempotencyKey()
    },
  })
  const change = (next: Partial<typeof draft>) => {
    setDraft({ ...draft, ...next })
    setProblem('')
  }
  const errors = fieldErrors(issue.error)
  if (issue.data) return <Issued card={issue.data.card} code={issue.data.code ?? ''} />
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        const amount = parseAmount(draft.amount, currencyExponent(draft.currency))
        if (amount === null || amount <= 0) setProblem('Should be an amount, such as 50.00.')
        else if (!issue.isPending) issue.mutate(amount)
      }}
    >
      <div className="grid grid-cols-[1fr_7rem] gap-3">
        <Field label="Value" error={problem || errors.amount}>
          <TextInput
            inputMode="decimal"
            className="text-right tabular-nums"
            value={draft.amount}
            onChange={(event) => change({ amount: event.target.value })}
          />
        </Field>
        <Field label="Currency">
          <Choice value={draft.currency} onChange={(event) => change({ currency: event.target.value })}>
            {['EUR', 'GBP', 'CHF'].map((currency) => (
              <option key={currency}>{currency}</option>
            ))}
          </Choice>
        </Field>
      </div>
      <div className="grid grid-cols-[1fr_7rem] gap-3">
        <Field
          label="Mail the code to"
          optional="optional"
          hint="Otherwise write it down: it is shown once."
          error={errors.email}
        >
          <TextInput
            type="email"
            value={draft.email}
            onChange={(event) => change({ email: event.target.value })}
          />
        </Field>
        <Field label="Language">
          <Choice value={draft.locale} onChange={(event) => change({ locale: event.target.value })}>
            {['en', 'de', 'nl', 'fr'].map((locale) => (
              <option key={locale}>{locale}</option>
            ))}
          </Choice>
        </Field>
      </div>
      <Field label="Valid until" optional="optional" error={errors.expires_at}>
        <TextInput
          type="date"
          value={draft.expires}
          onChange={(event) => change({ expires: event.target.value })}
        />
      </Field>
      <Field label="Note" optional="optional">
        <TextArea
          rows={2}
          maxLength={500}
          value={draft.note}
          onChange={(event) => change({ note: event.target.value })}
        />
      </Field>
      {issue.error ? (
        <Alert tone="error" title="Not issued">
          {problemText(issue.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end">
        <Button type="submit" size="sm" pending={issue.isPending}>
          Issue it
        </Button>
      </div>
    </form>
  )
}

function Issued({ card, code }: { card: GiftCard; code: string }) {
  return (
    <div className="space-y-3">
      <p>
        A gift card worth {money(card.issued)}.{card.email ? ` Its code goes to ${card.email}.` : ''}
      </p>
      {code ? (
        <>
          <p className="rounded-md bg-muted p-4 text-center text-xl font-semibold tracking-wide">{code}</p>
          <p className="text-muted-foreground">The code is shown this once and kept nowhere.</p>
        </>
      ) : (
        <Alert tone="warning">
          Its code was shown before and is kept nowhere. If it is lost, block the card.
        </Alert>
      )}
    </div>
  )
}
