'use client'
import type { Gift } from '@stoa/api-client'
import { Alert, Button, Dialog } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { type FormEvent, useRef, useState } from 'react'
import { GiftFields } from '@/features/product/components/gift-fields'
import { giftProblems, toDraft, toGift } from '@/features/product/gift'
import { errorKey } from '@/lib/error-message'

/** Another recipient, message or day for gift cards that are in the cart. */
export default function GiftDialog({
  gift,
  onSave,
  onClose,
}: {
  gift: Gift
  /** Rejects with the refusal. */
  onSave: (gift: Gift) => Promise<unknown>
  onClose: () => void
}) {
  const t = useTranslations('cart.gift')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const [draft, setDraft] = useState(() => toDraft(gift))
  const [checked, setChecked] = useState(false)
  const [saving, setSaving] = useState(false)
  const [problem, setProblem] = useState<unknown>(null)
  const form = useRef<HTMLFormElement>(null)
  const save = async (event: FormEvent) => {
    event.preventDefault()
    // The dialog stands in a page; a form around it is not meant.
    event.stopPropagation()
    setChecked(true)
    if (Object.keys(giftProblems(draft, new Date())).length > 0) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
      return
    }
    if (saving) return
    setSaving(true)
    setProblem(null)
    try {
      await onSave(toGift(draft))
      onClose()
    } catch (refused) {
      setProblem(refused)
    } finally {
      setSaving(false)
    }
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('title')}
      closeLabel={common('close')}
      footer={
        <Button type="submit" form="gift-form" block pending={saving}>
          {common('save')}
        </Button>
      }
    >
      <form id="gift-form" ref={form} onSubmit={save} noValidate>
        {problem ? <Alert tone="error">{errors(errorKey(problem))}</Alert> : null}
        <GiftFields
          draft={draft}
          problems={checked ? giftProblems(draft, new Date()) : {}}
          onChange={setDraft}
        />
      </form>
    </Dialog>
  )
}
