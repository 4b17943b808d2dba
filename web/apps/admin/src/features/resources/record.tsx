import { isApiError, newIdempotencyKey } from '@stoa/api-client'
import { Alert, Button, cn, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Ellipsis, Trash2 } from 'lucide-react'
import { type ComponentProps, type FormEvent, useEffect, useRef, useState } from 'react'
import { createRow, deleteRow, row as rowQuery, titleOf, updateRow } from '../../api/resources'
import type { Action, FieldKind, Resource, Row } from '../../api/types'
import { newTitle } from '../../api/wording'
import { Confirm } from '../../components/confirm'
import { MenuItem, PageHead, Panel, Popover } from '../../components/controls'
import { BlockSkeleton, Failure, Nothing } from '../../components/states'
import { fieldErrors, problemText } from '../../lib/problem'
import { Link, useHistory, usePlace, useUnsaved } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { ActionDialog } from './actions'
import { AttributeSettings, Conditions, OptionChoices } from './attribute-fields'
import { Conflict } from './conflict'
import { changesOf, type Form, formOf, isLocked, merge, same, saying } from './draft'
import { FieldInput, FormLanguage, InlineEditor, ShownField, startsOn } from './fields'
import { HistoryList } from './history'
import { PagePreview } from './page-preview'
import { FocalPoint } from './pictures'
import { PromotionPreview } from './promotion-preview'
import { PromotionRules } from './promotion-rules'
import { RelatedLists } from './related'
import { RoleRights } from './role-rights'
import { WithResource } from './use-resource'

export function RecordPage({ name, id }: { name: string; id?: string }) {
  return (
    <WithResource name={name}>
      {(resource) =>
        id === undefined ? (
          <Editor resource={resource} row={null} />
        ) : (
          <Existing resource={resource} id={id} />
        )
      }
    </WithResource>
  )
}

function Existing({ resource, id }: { resource: Resource; id: string }) {
  const found = useQuery(rowQuery(resource.name, id))
  if (found.isPending) return <BlockSkeleton />
  if (!found.data) {
    if (isApiError(found.error) && found.error.status === 404)
      return (
        <Nothing
          page
          title="It is not here"
          action={<Link href={`/r/${resource.name}`}>Back to {resource.label.toLowerCase()}</Link>}
        >
          It may have been deleted since.
        </Nothing>
      )
    return <Failure error={found.error} retry={() => found.refetch()} />
  }
  return <Editor key={id} resource={resource} row={found.data} />
}

/** Fields by the group that the resource puts them in, in the order of their first. */
export function groupsOf(fields: FieldKind[]): { name: string; fields: FieldKind[] }[] {
  const groups: { name: string; fields: FieldKind[] }[] = []
  for (const field of fields) {
    const name = field.group || 'Details'
    const group = groups.find((entry) => entry.name === name)
    if (group) group.fields.push(field)
    else groups.push({ name, fields: [field] })
  }
  return groups
}

const isWide = (field: FieldKind) =>
  ['longtext', 'json', 'translations', 'list', 'image'].includes(field.type)

/** The row that a refusal for being stale brings along, if it does. */
function newerRow(error: unknown): Row | null {
  if (!isApiError(error) || error.status !== 409) return null
  const { current, row } = error.details
  const found = current ?? row
  return typeof found === 'object' && found !== null && 'id' in found ? (found as Row) : null
}

/** What a new record begins with. Exported for tests. */
export const blankOf = (resource: Resource): Partial<Row> => ({
  ...Object.fromEntries(
    resource.fields
      .filter((field) => field.type === 'bool' && startsOn(field))
      .map(({ name }) => [name, true]),
  ),
  // A promotion without any rule has rules, which say nothing.
  ...(resource.name === 'promotions' ? { rules: {} } : {}),
})

function Editor({ resource, row }: { resource: Resource; row: Row | null }) {
  const client = useQueryClient()
  const history = useHistory()
  const place = usePlace()
  const list = `/r/${resource.name}`
  // What the form began with: not what the cache holds by now, because somebody else may have saved since.
  const [base, setBase] = useState<Row | null>(row)
  const [form, setForm] = useState<Form>(() => formOf(resource, row ?? blankOf(resource)))
  const [wrong, setWrong] = useState<Record<string, string>>({})
  const [newer, setNewer] = useState<Row | null>(null)
  const [asking, setAsking] = useState(false)
  const [action, setAction] = useState<Action | null>(null)
  const [locale, setLocale] = useState('en')
  const key = useRef(newIdempotencyKey())
  const leaving = useRef(false)
  const top = useRef<HTMLFormElement>(null)

  const baseForm = formOf(resource, base ?? blankOf(resource))
  const editable = row ? resource.can.update : resource.can.create
  const dirty = editable && !same(strip(form), strip(baseForm))
  useUnsaved(dirty, 'What you changed is not saved. Leave without it?', leaving)

  // Somebody else's change arrives while nothing is being edited: show it.
  const fresh = row && base && row.version !== base.version && !dirty
  if (fresh) {
    setBase(row)
    setForm(formOf(resource, row))
  }

  const settle = (saved: Row) => {
    client.setQueryData(rowQuery(resource.name, saved.id).queryKey, saved)
    setBase(saved)
    setForm(formOf(resource, saved))
    setWrong({})
    for (const name of ['rows', 'history', 'home']) void client.invalidateQueries({ queryKey: [name] })
  }
  const save = useMutation({
    mutationFn: (body: Record<string, unknown>) =>
      base
        ? updateRow(resource.name, base.id, base.version, body)
        : createRow(resource.name, body, key.current),
    onSuccess: (saved, body) => {
      if (!base) {
        leaving.current = true
        settle(saved)
        toast('Created.', { tone: 'success' })
        history.go(`${list}/${encodeURIComponent(saved.id)}`, { replace: true })
        return
      }
      const before = base
      settle(saved)
      toast('Saved.', {
        tone: 'success',
        action: { label: 'Undo', run: () => undo(before, saved, Object.keys(body)) },
      })
    },
    onError: (error) => {
      // The same effect under the same key; another body wants another one.
      if (isApiError(error) && error.status < 500) key.current = newIdempotencyKey()
      const theirs = newerRow(error)
      if (theirs) setNewer(theirs)
      else if (base && isApiError(error) && (error.status === 409 || error.status === 412))
        void client
          .fetchQuery({ ...rowQuery(resource.name, base.id), staleTime: 0 })
          .then((current) => current.version !== base.version && setNewer(current))
          .catch(() => undefined)
    },
  })
  const undo = (before: Row, saved: Row, names: string[]) => {
    const old = formOf(resource, before)
    const now = formOf(resource, saved)
    const fields = Object.fromEntries(
      Object.entries(now.fields).map(([name, value]) => [
        name,
        names.includes(name) ? (old.fields[name] ?? null) : value,
      ]),
    )
    const inlines = Object.fromEntries(
      Object.entries(now.inlines).map(([name, value]) => [
        name,
        names.includes(name) ? (old.inlines[name] ?? []) : value,
      ]),
    )
    const { body } = changesOf(resource, { fields, inlines }, now)
    updateRow(resource.name, saved.id, saved.version, body)
      .then((undone) => {
        settle(undone)
        toast('Taken back.')
      })
      .catch((error: unknown) =>
        toast(`It could not be taken back. ${problemText(error)}`, { tone: 'error' }),
      )
  }
  const remove = useMutation({
    mutationFn: () => deleteRow(resource.name, base?.id ?? '', base?.version),
    onSuccess: () => {
      leaving.current = true
      client.removeQueries({ queryKey: ['row', resource.name, base?.id] })
      void client.invalidateQueries({ queryKey: ['rows'] })
      toast('Deleted.')
      history.go(list, { replace: true })
    },
  })

  const errors = { ...fieldErrors(save.error), ...wrong }
  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    if (!editable || save.isPending || newer) return
    const change = changesOf(resource, form, base ? baseForm : undefined)
    setWrong(change.errors)
    if (Object.keys(change.errors).length) return
    if (base && Object.keys(change.body).length === 0) return
    save.mutate(change.body)
  }
  useShortcuts({ 'mod+s': () => submit() })

  // The first field that something is wrong with gets the focus.
  const wrongNow = Object.keys(errors).join()
  useEffect(() => {
    if (!wrongNow) return
    const field = top.current?.querySelector<HTMLElement>('[aria-invalid="true"]')
    field?.focus({ preventScroll: true })
    field?.scrollIntoView({ block: 'center' })
  }, [wrongNow])

  const set = (name: string, value: Form['fields'][string]) => {
    setForm((current) => ({ ...current, fields: { ...current.fields, [name]: value } }))
    setWrong(({ [name]: _gone, ...rest }) => rest)
  }
  const title = base ? titleOf(resource, base) : newTitle(resource)
  const tab = base && place.query.get('tab') === 'history' ? 'history' : 'details'
  const here = place.path
  const merged = newer ? merge(baseForm, form, formOf(resource, newer)) : null

  const closed = !editable || newer !== null
  const groups = groupsOf(
    resource.fields.filter(
      (field) =>
        (base || !field.read_only) &&
        !(resource.name === 'media' && field.type === 'image') &&
        !hasOwnPlace(resource, field) &&
        !isIdle(resource, form, field.name),
    ),
  )
  // What cannot be changed is known: it comes after what can.
  const isShown = (field: FieldKind) =>
    base !== null && (!resource.can.update || field.read_only === true || field.fixed === true)
  const panel = (group: ReturnType<typeof groupsOf>[number]) => (
    <Panel key={group.name} title={group.name}>
      {group.fields.every(isShown) ? null : (
        <div className="grid gap-x-5 gap-y-4 p-4 md:grid-cols-2">
          {group.fields
            .filter((field) => !isShown(field))
            .map((field) => (
              <div key={field.name} className={cn('min-w-0', isWide(field) && 'md:col-span-2')}>
                <FieldInput
                  field={field}
                  value={form.fields[field.name] ?? null}
                  error={errors[field.name]}
                  disabled={closed}
                  onChange={(value) => set(field.name, value)}
                />
              </div>
            ))}
        </div>
      )}
      {base && group.fields.some(isShown) ? (
        <dl className="grid grid-cols-2 gap-x-5 gap-y-3 p-4 md:grid-cols-4 [&:not(:nth-child(2))]:border-t">
          {group.fields.filter(isShown).map((field) => (
            <ShownField key={field.name} field={field} value={base[field.name]} />
          ))}
        </dl>
      ) : null}
    </Panel>
  )

  return (
    <div className="mx-auto max-w-5xl">
      <PageHead
        above={
          <Link href={list} className="hover:underline">
            {resource.label}
          </Link>
        }
        title={title}
        actions={
          base && (resource.actions.length || resource.can.delete) ? (
            <Popover
              align="right"
              accessibleLabel="More"
              label={<Ellipsis aria-hidden="true" className="size-4" />}
            >
              {(close) => (
                <>
                  {resource.actions.map((entry) => (
                    <MenuItem
                      key={entry.name}
                      danger={entry.danger ?? false}
                      onClick={() => {
                        close()
                        setAction(entry)
                      }}
                    >
                      {entry.label}
                    </MenuItem>
                  ))}
                  {resource.can.delete ? (
                    <MenuItem
                      danger
                      onClick={() => {
                        close()
                        setAsking(true)
                      }}
                    >
                      <Trash2 aria-hidden="true" className="size-4" />
                      Delete
                    </MenuItem>
                  ) : null}
                </>
              )}
            </Popover>
          ) : undefined
        }
      />
      {base ? (
        <nav aria-label="Parts of this record" className="mb-4 flex gap-4 border-b">
          {(['details', 'history'] as const).map((name) => (
            <Link
              key={name}
              href={name === 'details' ? here : `${here}?tab=history`}
              aria-current={tab === name ? 'page' : undefined}
              className={cn(
                'border-b-2 px-1 py-1.5 no-underline',
                tab === name
                  ? 'border-primary font-medium'
                  : 'border-transparent text-muted-foreground hover:text-foreground',
              )}
            >
              {name === 'details' ? 'Details' : 'History'}
            </Link>
          ))}
        </nav>
      ) : null}

      {tab === 'history' && base ? (
        <HistoryList resource={resource} id={base.id} />
      ) : (
        <form ref={top} onSubmit={submit} noValidate className="space-y-4 pb-4">
          {newer && merged ? (
            <Conflict
              resource={resource}
              merged={merged}
              onDone={(resolved) => {
                client.setQueryData(rowQuery(resource.name, newer.id).queryKey, newer)
                setBase(newer)
                setForm(resolved)
                setNewer(null)
                save.reset()
              }}
            />
          ) : save.error && Object.keys(fieldErrors(save.error)).length === 0 ? (
            <Alert tone="error" title="Not saved">
              {problemText(save.error)}
            </Alert>
          ) : Object.keys(errors).length ? (
            <Alert tone="error" title="Not saved">
              {unplaced(resource, errors) || 'Something below needs another look.'}
            </Alert>
          ) : null}
          {remove.error ? (
            <Alert tone="error" title="Not deleted">
              {problemText(remove.error)}
            </Alert>
          ) : null}
          {resource.name === 'media' && base ? (
            <Panel title="Focal point">
              <FocalPoint
                src={String(base.src ?? '')}
                x={Number(form.fields.focal_x ?? 500)}
                y={Number(form.fields.focal_y ?? 500)}
                disabled={!editable || newer !== null}
                onChange={(x, y) => {
                  set('focal_x', String(x))
                  set('focal_y', String(y))
                }}
              />
            </Panel>
          ) : null}
          <FormLanguage value={{ locale, choose: setLocale }}>
            {groups.filter(({ name }) => !LAST.has(name)).map(panel)}
            {resource.fields.some((field) => hasRules(resource, field)) ? (
              <Panel title="Rules">
                <div className="p-4">
                  <PromotionRules
                    kind={String(form.fields.kind ?? '')}
                    value={String(form.fields.rules ?? '')}
                    error={errors.rules}
                    disabled={closed}
                    onChange={(value) => set('rules', value)}
                  />
                </div>
              </Panel>
            ) : null}
            {resource.name === 'roles' ? (
              <Panel title="What they may do">
                <RoleRights
                  codes={(form.fields.permissions ?? []) as string[]}
                  limits={String(form.fields.limits ?? '')}
                  errors={errors}
                  disabled={closed}
                  onCodes={(codes) => set('permissions', codes)}
                  onLimits={(limits) => set('limits', limits)}
                />
              </Panel>
            ) : null}
            {resource.inlines
              .filter((inline) => !isIdle(resource, form, inline.name))
              .map((inline) => (
                <Panel key={inline.name} title={inline.label}>
                  <Children
                    resource={resource}
                    form={form}
                    inline={inline}
                    errors={errors}
                    disabled={closed || isLocked(inline)}
                    onChange={(rows) =>
                      setForm({ ...form, inlines: { ...form.inlines, [inline.name]: rows } })
                    }
                  />
                </Panel>
              ))}
            {groups.filter(({ name }) => LAST.has(name)).map(panel)}
          </FormLanguage>
          {resource.name === 'promotions' && base ? <PromotionPreview id={base.id} /> : null}
          {resource.name === 'pages' ? (
            <PagePreview
              title={form.fields.title as Record<string, string>}
              body={form.fields.body as Record<string, string>}
            />
          ) : null}
          {base ? <RelatedLists resource={resource} id={base.id} /> : null}
          {editable ? (
            <div
              className={cn(
                'flex items-center gap-3',
                dirty && 'sticky bottom-0 z-20 rounded-lg border bg-popover px-4 py-2.5 shadow-lg',
              )}
            >
              <span className="mr-auto text-muted-foreground" aria-live="polite">
                {dirty ? 'Not saved yet' : ''}
              </span>
              {dirty && base ? (
                <Button
                  size="sm"
                  variant="ghost"
                  onClick={() => {
                    setForm(baseForm)
                    setWrong({})
                    save.reset()
                  }}
                >
                  Discard
                </Button>
              ) : null}
              {dirty || !base ? (
                <Button
                  type="submit"
                  size="sm"
                  pending={save.isPending}
                  disabled={newer !== null}
                  title="Ctrl S"
                >
                  {base ? 'Save' : 'Create'}
                </Button>
              ) : null}
            </div>
          ) : (
            <p className="text-muted-foreground">{LOOKED_AT[resource.name] ?? LOOKED_AT.other}</p>
          )}
        </form>
      )}
      <Confirm
        open={asking}
        title={`Delete ${title}?`}
        confirmLabel="Delete"
        danger
        pending={remove.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => remove.mutate(undefined, { onSettled: () => setAsking(false) })}
      >
        It cannot be brought back. {inlineText(resource, form)}
      </Confirm>
      <ActionDialog
        resource={resource}
        action={action}
        ids={base ? [base.id] : []}
        onClose={() => setAction(null)}
      />
    </div>
  )
}

// Groups that come after the children: what few people fill in.
const LAST = new Set(['SEO', 'Audience'])

const LOOKED_AT: Record<string, string> = {
  reviews: 'What a customer wrote is not changed. Approve or refuse it with the button above.',
  variants: 'A variant is changed with its product.',
  other: 'This is here to be looked at, not changed.',
}

// Inlines whose rows stand in the order that shoppers see.
const ORDERED = new Set(['products.media', 'products.variants', 'attributes.values'])

/** The children of a record: as their kind is entered best. */
function Children({
  resource,
  form,
  ...editor
}: { resource: Resource; form: Form } & Omit<
  ComponentProps<typeof InlineEditor>,
  'rows' | 'ordered' | 'control'
>) {
  const rows = form.inlines[editor.inline.name] ?? []
  const place = `${resource.name}.${editor.inline.name}`
  if (place === 'products.attributes') return <AttributeSettings {...editor} rows={rows} />
  if (place === 'collections.conditions') return <Conditions {...editor} rows={rows} />
  const options = form.fields.options
  // A row is a picture: it is taken away as a whole.
  const inline =
    place === 'products.media'
      ? {
          ...editor.inline,
          fields: editor.inline.fields.map((field) =>
            field.name === 'asset' ? { ...field, required: true } : field,
          ),
        }
      : editor.inline
  return (
    <InlineEditor
      {...editor}
      inline={inline}
      rows={rows}
      ordered={ORDERED.has(place)}
      {...(place === 'products.variants' || place === 'products.media'
        ? {
            control: (field, props) =>
              field.name === 'options' ? (
                <OptionChoices
                  options={Array.isArray(options) ? (options as string[]) : []}
                  value={props.value}
                  disabled={props.disabled === true}
                  error={props.error}
                  {...(place === 'products.media' ? { any: 'Any' } : {})}
                  onChange={props.onChange}
                />
              ) : null,
          }
        : {})}
    />
  )
}

/** What says nothing while something else is chosen: the conditions of a collection that is put together by hand. */
function isIdle(resource: Resource, form: Form, name: string): boolean {
  if (resource.name === 'collections') {
    const byRule = form.fields.by_rule === true
    return byRule ? name === 'products' : name === 'conditions' || name === 'any_condition'
  }
  return (
    resource.name === 'attributes' &&
    name === 'values' &&
    form.fields.kind !== 'choice' &&
    (form.inlines.values ?? []).length === 0
  )
}

// Shown by what they mean, in a place of their own
const hasOwnPlace = (resource: Resource, field: FieldKind) =>
  hasRules(resource, field) ||
  (resource.name === 'roles' && (field.name === 'permissions' || field.name === 'limits'))
const hasRules = (resource: Resource, field: FieldKind) =>
  resource.name === 'promotions' && field.name === 'rules' && field.type === 'json'

const strip = (form: Form) => ({
  fields: form.fields,
  inlines: Object.fromEntries(Object.entries(form.inlines).map(([name, rows]) => [name, rows.map(saying)])),
})

/** Errors that no field of the form shows. */
function unplaced(resource: Resource, errors: Record<string, string>): string {
  const places = new Set([
    ...resource.fields.map((field) => field.name),
    ...resource.inlines.map((inline) => inline.name),
  ])
  return Object.entries(errors)
    .filter(([name]) => !places.has(name.split('.')[0] ?? ''))
    .map(([name, text]) => `${name}: ${text}`)
    .join(' ')
}

/** What goes with a record when it is deleted. */
function inlineText(resource: Resource, form: Form): string {
  const parts = resource.inlines
    .map((inline) => ({ label: inline.label.toLowerCase(), count: form.inlines[inline.name]?.length ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ label, count }) => `${label} (${count})`)
  return parts.length ? `With it go: ${parts.join(', ')}.` : ''
}
