'use client'
import { isApiError, newIdempotencyKey, type OrderReturns } from '@stoa/api-client'
import { Alert, Button, Checkbox, Field, Select, Textarea, toast } from '@stoa/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { formatDate } from '@/lib/dates'
import { errorKey } from '@/lib/error-message'
import { requestReturn, returnsQuery, uploadPhotos } from '../api/returns-query'
import {
  type Draft,
  type DraftProblem,
  emptyLine,
  type LineDraft,
  REASONS,
  type Reason,
  wishOf,
} from '../draft'

const MOST_BYTES = 12 * 1024 * 1024
const PICTURES = 'image/jpeg,image/png,image/webp,image/avif'

type Props = { number: string; token: string | undefined; returns: OrderReturns; onDone: () => void }

export function ReturnForm({ number, token, returns, onDone }: Props) {
  const locale = useLocale()
  const t = useTranslations('order.returns')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const client = useQueryClient()
  const form = useRef<HTMLFormElement>(null)
  // The same key while the same thing is sent again, so that nothing is asked for twice.
  const key = useRef(newIdempotencyKey())
  const [draft, setDraft] = useState<Draft>({ lines: {}, comment: '' })
  const [photos, setPhotos] = useState<File[]>([])
  const uploaded = useRef<{ photos: File[]; ids: string[] }>({ photos: [], ids: [] })
  const [photoProblem, setPhotoProblem] = useState('')
  const [problems, setProblems] = useState<Record<string, DraftProblem>>({})
  const send = useMutation({
    mutationFn: async (wish: Parameters<typeof requestReturn>[2]) => {
      if (uploaded.current.photos !== photos)
        uploaded.current = { photos, ids: photos.length ? await uploadPhotos(number, token, photos) : [] }
      return requestReturn(number, token, wish, uploaded.current.ids, key.current)
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: returnsQuery(number, token).queryKey })
      void client.invalidateQueries({ queryKey: ['order', number] })
      toast(t('sent'), { tone: 'success' })
      onDone()
    },
    onError: (error) => {
      // Without an answer the same is sent again, under the same key.
      if (isApiError(error)) {
        key.current = newIdempotencyKey()
        if (isApiError(error, 'orders.return_photo_unknown')) uploaded.current = { photos: [], ids: [] }
      }
      void client.invalidateQueries({ queryKey: returnsQuery(number, token).queryKey })
    },
  })
  /** Another wish is another request. */
  const anew = () => {
    if (send.isError) key.current = newIdempotencyKey()
    send.reset()
  }
  const keepPhotos = (next: File[]) => {
    setPhotos(next)
    anew()
  }
  const change = (next: Draft) => {
    setDraft(next)
    setProblems({})
    anew()
  }
  const lineOf = (id: string): LineDraft => draft.lines[id] ?? emptyLine
  const changeLine = (id: string, part: Partial<LineDraft>) =>
    change({ ...draft, lines: { ...draft.lines, [id]: { ...lineOf(id), ...part } } })
  const addPhotos = (files: FileList | null) => {
    const all = [...photos, ...(files ?? [])]
    setPhotoProblem('')
    if (all.some(({ size }) => size > MOST_BYTES)) setPhotoProblem(t('photoLarge'))
    else if (all.length > returns.most_photos) setPhotoProblem(t('photoMany', { count: returns.most_photos }))
    else keepPhotos(all)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (send.isPending) return
    const made = wishOf(returns, draft)
    if ('wish' in made) return send.mutate(made.wish)
    setProblems(made.problems)
    requestAnimationFrame(() =>
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-problem]')?.focus(),
    )
  }
  return (
    <form ref={form} onSubmit={submit} noValidate className="mt-2 grid gap-6">
      <p className="text-sm text-muted-foreground">
        {t('policy', { date: formatDate(returns.until, locale), days: returns.days })}
      </p>
      <fieldset className="min-w-0">
        <legend className="mb-2 text-sm font-medium">{t('which')}</legend>
        <ul className="divide-y rounded-lg border bg-card">
          {returns.returnable.map((line) => {
            const filled = lineOf(line.line_id)
            const problem = problems[line.line_id]
            const blocked = line.quantity === 0
            return (
              <li key={line.line_id} className="px-4 py-3">
                <Checkbox
                  label={line.options_text ? `${line.name}, ${line.options_text}` : line.name}
                  hint={
                    blocked
                      ? line.excluded_reason || t(`obstacle_${line.obstacle}`)
                      : t('upTo', { count: line.quantity })
                  }
                  disabled={blocked}
                  checked={filled.chosen}
                  onChange={(event) => changeLine(line.line_id, { chosen: event.target.checked })}
                />
                {filled.chosen && !blocked ? (
                  <div className="mt-3 mb-2 grid gap-4 pl-8 sm:grid-cols-[7rem_minmax(0,1fr)]">
                    <Field label={t('quantity')}>
                      <Select
                        value={filled.quantity}
                        onChange={(event) =>
                          changeLine(line.line_id, { quantity: Number(event.target.value) })
                        }
                      >
                        {Array.from({ length: Math.min(line.quantity, 100) }, (_, index) => index + 1).map(
                          (count) => (
                            <option key={count} value={count}>
                              {count}
                            </option>
                          ),
                        )}
                      </Select>
                    </Field>
                    <Field label={t('reason')} error={problem === 'reason' ? t('problem_reason') : undefined}>
                      <Select
                        value={filled.reason}
                        onChange={(event) =>
                          changeLine(line.line_id, { reason: event.target.value as Reason | '' })
                        }
                      >
                        <option value="">{t('chooseReason')}</option>
                        {REASONS.map((reason) => (
                          <option key={reason} value={reason}>
                            {t(`reason_${reason}`)}
                          </option>
                        ))}
                      </Select>
                    </Field>
                    {line.exchanges.length > 0 ? (
                      <Field
                        className="sm:col-span-2"
                        label={t('instead')}
                        hint={t('insteadHint')}
                        error={problem === 'exchangeStock' ? t('problem_exchangeStock') : undefined}
                      >
                        <Select
                          value={filled.exchange}
                          onChange={(event) => changeLine(line.line_id, { exchange: event.target.value })}
                        >
                          <option value="">{t('money')}</option>
                          {line.exchanges.map((other) => (
                            <option key={other.variant_id} value={other.variant_id}>
                              {t('exchangeFor', { goods: other.options_text || other.sku })}
                            </option>
                          ))}
                        </Select>
                      </Field>
                    ) : null}
                  </div>
                ) : null}
              </li>
            )
          })}
        </ul>
        {problems[''] ? (
          <p role="alert" data-problem="" tabIndex={-1} className="mt-1.5 text-sm text-destructive">
            {t('problem_nothing')}
          </p>
        ) : null}
      </fieldset>
      <Field label={t('note')} optional={t('optional')}>
        <Textarea
          rows={3}
          maxLength={1000}
          value={draft.comment}
          onChange={(event) => change({ ...draft, comment: event.target.value })}
        />
      </Field>
      <div>
        <Field
          label={t('photos')}
          optional={t('optional')}
          hint={t('photosHint', { count: returns.most_photos })}
          error={photoProblem || undefined}
        >
          <input
            type="file"
            accept={PICTURES}
            multiple
            className="block w-full text-sm file:mr-4 file:h-11 file:rounded-md file:border file:border-input file:bg-transparent file:px-4 file:font-medium"
            onChange={(event) => {
              addPhotos(event.target.files)
              event.target.value = ''
            }}
          />
        </Field>
        {photos.length > 0 ? (
          <ul className="mt-3 flex flex-wrap gap-3">
            {photos.map((photo, index) => (
              <Chosen
                // biome-ignore lint/suspicious/noArrayIndexKey: the same picture may be there twice
                key={`${photo.name}${photo.lastModified}${index}`}
                photo={photo}
                removeLabel={t('photoRemove', { name: photo.name })}
                onRemove={() => keepPhotos(photos.filter((_, other) => other !== index))}
              >
                {common('remove')}
              </Chosen>
            ))}
          </ul>
        ) : null}
      </div>
      {send.error ? <Alert tone="error">{errors(errorKey(send.error))}</Alert> : null}
      <div className="flex flex-wrap gap-3">
        <Button type="submit" pending={send.isPending}>
          {t('send')}
        </Button>
        <Button variant="ghost" onClick={onDone}>
          {common('cancel')}
        </Button>
      </div>
    </form>
  )
}

/** A picture that was chosen, as it is on the device. */
function Chosen({
  photo,
  removeLabel,
  onRemove,
  children,
}: {
  photo: File
  removeLabel: string
  onRemove: () => void
  children: string
}) {
  const [source, setSource] = useState('')
  useEffect(() => {
    const url = URL.createObjectURL(photo)
    setSource(url)
    return () => URL.revokeObjectURL(url)
  }, [photo])
  return (
    <li className="w-20 text-xs">
      {source ? (
        <img src={source} alt={photo.name} className="mb-1 size-20 rounded-md border object-cover" />
      ) : null}
      <button type="button" aria-label={removeLabel} onClick={onRemove} className="py-1 underline">
        {children}
      </button>
    </li>
  )
}
