import { isApiError } from '@stoa/api-client'
import { Alert, Button, Field, Plus, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type ReturnPolicy, returnPolicy, setReturnPolicy } from '../../api/returns'
import { session } from '../../api/session'
import { PageHead, Panel, TextInput } from '../../components/controls'
import { BlockSkeleton, Failure } from '../../components/states'
import { may } from '../../lib/permissions'
import { fieldErrors, problemText } from '../../lib/problem'
import { Link, useUnsaved } from '../../lib/router'
import { newKey } from '../resources/draft'
import { FieldInput, RemoveButton } from '../resources/fields'

type DraftGoods = { key: string; product: { id: string; label: string } | null; reason: string }
export type DraftRules = { version: number; days: string; excluded: DraftGoods[] }

export const draftOf = (policy: ReturnPolicy): DraftRules => ({
  version: policy.version,
  days: String(policy.days),
  excluded: policy.excluded.map(({ product_id, reason }) => ({
    key: product_id,
    product: { id: product_id, label: product_id },
    reason,
  })),
})

/** What is sent, or what is wrong with it. Exported for tests. */
export function policyOf(draft: DraftRules): ReturnPolicy | string {
  if (!/^\d+$/.test(draft.days.trim())) return 'The days should be a whole number, such as 30.'
  const goods = draft.excluded.flatMap(({ product, reason }) =>
    product ? [{ product_id: product.id, reason: reason.trim() }] : [],
  )
  if (new Set(goods.map(({ product_id }) => product_id)).size < goods.length)
    return 'One of the products is named twice.'
  return { version: draft.version, days: Number(draft.days), excluded: goods }
}

/** How long buyers may send goods back, and which goods never come back. */
export function ReturnRules() {
  const found = useQuery(returnPolicy)
  return (
    <div className="mx-auto max-w-3xl">
      <PageHead
        above={
          <Link href="/returns" className="hover:underline">
            Returns
          </Link>
        }
        title="Rules of returns"
      />
      {found.data ? (
        <Rules policy={found.data} />
      ) : found.error ? (
        <Failure error={found.error} retry={() => found.refetch()} />
      ) : (
        <BlockSkeleton />
      )}
    </div>
  )
}

function Rules({ policy }: { policy: ReturnPolicy }) {
  const client = useQueryClient()
  const rights = useQuery(session).data?.staff?.permissions ?? []
  const closed = !may(rights, 'orders.return_policy')
  const [base, setBase] = useState(policy)
  const [draft, setDraft] = useState(() => draftOf(policy))
  const [wrong, setWrong] = useState('')
  const said = policyOf(draft)
  const dirty = typeof said === 'string' || JSON.stringify(said) !== JSON.stringify(base)
  useUnsaved(dirty, 'What you changed is not saved. Leave without it?')
  const save = useMutation({
    mutationFn: setReturnPolicy,
    onSuccess: (saved) => {
      client.setQueryData(returnPolicy.queryKey, saved)
      setBase(saved)
      setDraft(draftOf(saved))
      toast('Saved.', { tone: 'success' })
    },
  })
  const lookAgain = async () => {
    const newer = await client.fetchQuery({ ...returnPolicy, staleTime: 0 })
    setBase(newer)
    setDraft(draftOf(newer))
    save.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const policy = policyOf(draft)
    setWrong(typeof policy === 'string' ? policy : '')
    if (typeof policy !== 'string' && dirty) save.mutate(policy)
  }
  const set = (key: string, change: Partial<DraftGoods>) =>
    setDraft({
      ...draft,
      excluded: draft.excluded.map((goods) => (goods.key === key ? { ...goods, ...change } : goods)),
    })
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      {wrong || save.error ? (
        <Alert tone="error" title="Not saved">
          {wrong || problemText(save.error)}
          {isApiError(save.error) && save.error.status === 409 ? (
            <Button type="button" size="sm" variant="outline" className="mt-2" onClick={lookAgain}>
              Show what they are now
            </Button>
          ) : null}
        </Alert>
      ) : null}
      <Panel title="How long">
        <div className="p-4">
          <Field
            label="Days after the delivery"
            hint="The law wants 14 at least. It counts for what was delivered before as well."
            error={fieldErrors(save.error).days}
          >
            <TextInput
              value={draft.days}
              readOnly={closed}
              inputMode="numeric"
              autoComplete="off"
              className="max-w-32 text-right tabular-nums"
              onChange={(event) => setDraft({ ...draft, days: event.target.value })}
            />
          </Field>
        </div>
      </Panel>
      <Panel title="Goods that do not come back">
        {draft.excluded.length === 0 ? (
          <p className="px-4 py-4 text-muted-foreground">All goods may be sent back.</p>
        ) : null}
        <ul className="divide-y">
          {draft.excluded.map((goods, index) => (
            <li key={goods.key} className="flex items-start gap-3 px-4 py-3">
              <div className="grid min-w-0 flex-1 gap-3 sm:grid-cols-2">
                <FieldInput
                  field={{ name: 'product', label: 'Product', type: 'reference', resource: 'products' }}
                  value={goods.product}
                  disabled={closed}
                  onChange={(product) => set(goods.key, { product: product as DraftGoods['product'] })}
                />
                <Field label="Why, for the buyer">
                  <TextInput
                    value={goods.reason}
                    readOnly={closed}
                    placeholder="Made to measure"
                    onChange={(event) => set(goods.key, { reason: event.target.value })}
                  />
                </Field>
              </div>
              {closed ? null : (
                <div className="mt-7">
                  <RemoveButton
                    label={`Remove product ${index + 1}`}
                    onClick={() =>
                      setDraft({
                        ...draft,
                        excluded: draft.excluded.filter(({ key }) => key !== goods.key),
                      })
                    }
                  />
                </div>
              )}
            </li>
          ))}
        </ul>
        {closed ? null : (
          <div className="border-t px-4 py-2">
            <Button
              size="sm"
              variant="ghost"
              onClick={() =>
                setDraft({
                  ...draft,
                  excluded: [...draft.excluded, { key: newKey(), product: null, reason: '' }],
                })
              }
            >
              <Plus aria-hidden="true" className="size-4" />
              Add a product
            </Button>
          </div>
        )}
      </Panel>
      {closed ? (
        <p className="text-muted-foreground">Your role may look at these rules, not change them.</p>
      ) : (
        <div className="flex justify-end">
          <Button type="submit" size="sm" pending={save.isPending} disabled={!dirty}>
            Save
          </Button>
        </div>
      )}
    </form>
  )
}
