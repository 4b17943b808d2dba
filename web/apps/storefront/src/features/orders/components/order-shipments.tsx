'use client'
import type { Order, OrderParcel, OrderShipment } from '@stoa/api-client'
import { cn, formatLocale } from '@stoa/ui'
import { useLocale, useTranslations } from 'next-intl'
import { formatDate } from '@/lib/dates'

/** What travels together: what is in it, how far it has come, and where the carrier tells more. */
export function OrderShipments({ order, level = 2 }: { order: Order; level?: 2 | 3 }) {
  const t = useTranslations('order')
  const shipments = order.shipments ?? []
  if (shipments.length === 0) return null
  const Heading = `h${level}` as const
  return (
    <section aria-labelledby="order-shipments" className="mt-10">
      <Heading id="order-shipments" className="mb-4 font-medium">
        {t('shipments')}
      </Heading>
      <ul className="grid gap-4">
        {shipments.map((shipment) => (
          <li key={shipment.number} className="rounded-lg border bg-card px-5 py-4 text-sm">
            <Shipment shipment={shipment} count={shipments.length} />
          </li>
        ))}
      </ul>
    </section>
  )
}

const TONE: Record<string, string> = {
  delivered: 'bg-success-ground text-success',
  ready_for_pickup: 'bg-success-ground text-success',
  exception: 'bg-warning-ground text-warning',
  returned: 'bg-warning-ground text-warning',
}

function Shipment({ shipment, count }: { shipment: OrderShipment; count: number }) {
  const locale = useLocale()
  const t = useTranslations('order')
  const { number, carrier } = shipment
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <p className="font-medium">
          {count > 1 ? t('shipmentOf', { number, count }) : t('shipment', { number })}
        </p>
        <span
          className={cn(
            'inline-flex rounded-sm px-2 py-0.5 text-xs font-medium whitespace-nowrap',
            TONE[shipment.state] ?? 'bg-secondary',
          )}
        >
          {shipment.state_label}
        </span>
      </div>
      <p className="mt-1 text-muted-foreground">
        {[
          carrier,
          shipment.delivered_at
            ? t('delivered', { date: formatDate(shipment.delivered_at, locale) })
            : shipment.shipped_at
              ? t('shipped', { date: formatDate(shipment.shipped_at, locale) })
              : null,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <ul aria-label={t('contains')} className="mt-3">
        {shipment.lines.map((line) => (
          <li key={line.line_id}>{t('lineCount', { count: line.quantity, name: line.name })}</li>
        ))}
      </ul>
      {shipment.parcels.map((parcel) => (
        <Parcel key={parcel.tracking_number} parcel={parcel} carrier={carrier ?? undefined} />
      ))}
    </>
  )
}

/** An address that came from a carrier is followed only when it is one of the web. */
const isWeb = (address: string) => /^https?:\/\//.test(address)

function Parcel({ parcel, carrier }: { parcel: OrderParcel; carrier: string | undefined }) {
  const locale = useLocale()
  const t = useTranslations('order')
  const format = new Intl.DateTimeFormat(formatLocale(locale), {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  return (
    <div className="mt-3 border-t pt-3">
      <p className="flex flex-wrap gap-x-3 gap-y-1">
        <span className="min-w-0">
          <span className="text-muted-foreground">{t('tracking')}</span>{' '}
          <span className="tabular-nums">{parcel.tracking_number}</span>
        </span>
        {parcel.tracking_url && isWeb(parcel.tracking_url) ? (
          <a href={parcel.tracking_url} rel="noreferrer" className="font-medium underline underline-offset-4">
            {carrier ? t('follow', { carrier }) : t('followPlain')}
            <span className="sr-only">, {parcel.tracking_number}</span>
          </a>
        ) : null}
      </p>
      {parcel.events.length > 0 ? (
        <details className="mt-1">
          <summary className="inline-block rounded-sm py-1 text-muted-foreground underline underline-offset-4">
            {t('events')}
          </summary>
          <ol className="mt-1.5 grid gap-1.5">
            {parcel.events.map((event) => (
              <li key={`${event.at}${event.state}`}>
                <time dateTime={event.at} className="text-muted-foreground tabular-nums">
                  {format.format(new Date(event.at))}
                </time>{' '}
                {event.text}
              </li>
            ))}
          </ol>
        </details>
      ) : null}
    </div>
  )
}
