'use client'
import type { OrderDocument } from '@stoa/api-client'
import { formatMoney } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { formatDate } from '@/lib/dates'
import { documentHref, documentsQuery } from '../api/documents-query'

/** Invoices and credit notes of an order, once there are some. The order itself can be read without them. */
export function OrderDocuments({ number, token }: { number: string; token: string | undefined }) {
  const documents = useQuery(documentsQuery(number, token)).data ?? []
  return documents.length > 0 ? <DocumentList number={number} token={token} documents={documents} /> : null
}

export function DocumentList({
  number,
  token,
  documents,
}: {
  number: string
  token: string | undefined
  documents: OrderDocument[]
}) {
  const locale = useLocale()
  const t = useTranslations('order')
  return (
    <section aria-labelledby="order-documents" className="mt-10">
      <h2 id="order-documents" className="mb-1 font-medium">
        {t('documents')}
      </h2>
      <ul className="divide-y border-b text-sm">
        {documents.map((document) => {
          const name = t(`document_${document.kind}`, { number: document.number })
          return (
            <li key={document.id} className="flex flex-wrap items-baseline gap-x-4 gap-y-1 py-3">
              <span className="min-w-0 flex-1 basis-48">
                <span className="block font-medium">{name}</span>
                <span className="text-muted-foreground tabular-nums">
                  {t('documentMeta', {
                    date: formatDate(document.issued_at, locale),
                    amount: formatMoney(document.total, locale),
                  })}
                </span>
              </span>
              {document.ready ? (
                (['pdf', 'xml'] as const).map((form) => (
                  <a
                    key={form}
                    href={documentHref(number, document.id, form, token)}
                    download
                    aria-label={t(`${form}Of`, { document: name })}
                    className="py-1 font-medium underline underline-offset-4"
                  >
                    {t(form)}
                  </a>
                ))
              ) : (
                <span className="text-muted-foreground">{t('documentSoon')}</span>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
