'use client'
import { Button, Checkbox, EmptyState, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'
import { cardsQuery } from '../api/account-queries'
import { AccountTitle } from './account-shell'
import { Loaded } from './loaded'
import { LookAround } from './look-around'

export function CardsPage() {
  const t = useTranslations('account')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const queries = useQueryClient()
  const query = useQuery(cardsQuery())
  const forget = useMutation({
    mutationFn: (id: string) => api('DELETE /account/payment-methods/{id}', { path: { id } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: cardsQuery().queryKey })
      toast(t('cards.removed'))
    },
    onError: (error) => toast(errors(errorKey(error)), { tone: 'error' }),
  })
  const consent = useMutation({
    mutationFn: ({ id, allowed }: { id: string; allowed: boolean }) =>
      api('PUT /account/payment-methods/{id}/consent', {
        path: { id },
        body: { merchant_may_charge: allowed },
      }),
    onSuccess: (cards) => queries.setQueryData(cardsQuery().queryKey, cards),
    onError: (error) => toast(errors(errorKey(error)), { tone: 'error' }),
  })
  return (
    <>
      <AccountTitle>{t('nav.cards')}</AccountTitle>
      <Loaded query={query} rows={1}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('cards.emptyTitle')} action={<LookAround />}>
              {t('cards.emptyText')}
            </EmptyState>
          ) : (
            <ul className="max-w-xl divide-y rounded-lg border bg-card">
              {items.map((card) => (
                <li key={card.id} className="flex items-center justify-between gap-4 px-5 py-4 text-sm">
                  <div>
                    <p className="font-medium">
                      {t('cards.ending', { brand: card.brand, last4: card.last4 })}
                    </p>
                    <p className="text-muted-foreground tabular-nums">
                      {t('cards.valid', {
                        month: String(card.expiry_month).padStart(2, '0'),
                        year: String(card.expiry_year),
                      })}
                    </p>
                    <Checkbox
                      className="mt-2"
                      checked={card.merchant_may_charge}
                      disabled={consent.isPending}
                      onChange={(event) => consent.mutate({ id: card.id, allowed: event.target.checked })}
                      label={t('cards.consent')}
                    />
                  </div>
                  <Button
                    variant="link"
                    size="inline"
                    aria-label={t('cards.removeOf', { last4: card.last4 })}
                    disabled={forget.isPending}
                    onClick={() => forget.mutate(card.id)}
                  >
                    {common('remove')}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </>
  )
}
