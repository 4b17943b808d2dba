'use client'
import { Field, Input, Textarea } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { useHydrated } from '@/lib/use-hydrated'
import { firstDay, type GiftDraft, type GiftProblem, lastDay } from '../gift'

/** Whom a gift card is for, and when it is sent. */
export function GiftFields({
  draft,
  problems,
  onChange,
}: {
  draft: GiftDraft
  problems: { email?: GiftProblem; day?: GiftProblem }
  onChange: (draft: GiftDraft) => void
}) {
  const t = useTranslations('product.gift')
  const now = useHydrated() ? new Date() : undefined
  const common = useTranslations('common')
  const set = (part: Partial<GiftDraft>) => onChange({ ...draft, ...part })
  const optional = common('optional')
  return (
    <fieldset className="mt-7 grid gap-4">
      <legend className="mb-4 font-medium">{t('title')}</legend>
      <Field
        label={t('email')}
        hint={t('emailHint')}
        error={problems.email && t(problems.email)}
        optional={optional}
      >
        <Input
          type="email"
          name="recipient_email"
          autoComplete="off"
          maxLength={254}
          value={draft.email}
          onChange={(event) => set({ email: event.target.value })}
        />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('name')} optional={optional}>
          <Input
            name="recipient_name"
            autoComplete="off"
            maxLength={80}
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        </Field>
        <Field label={t('sender')} optional={optional}>
          <Input
            name="sender_name"
            autoComplete="name"
            maxLength={80}
            value={draft.sender}
            onChange={(event) => set({ sender: event.target.value })}
          />
        </Field>
      </div>
      <Field label={t('message')} optional={optional}>
        <Textarea
          name="message"
          rows={3}
          maxLength={500}
          value={draft.message}
          onChange={(event) => set({ message: event.target.value })}
        />
      </Field>
      <Field label={t('day')} hint={t('dayHint')} error={problems.day && t(problems.day)} optional={optional}>
        <Input
          type="date"
          name="send_on"
          min={now && firstDay(now)}
          max={now && lastDay(now)}
          value={draft.day}
          onChange={(event) => set({ day: event.target.value })}
        />
      </Field>
    </fieldset>
  )
}
