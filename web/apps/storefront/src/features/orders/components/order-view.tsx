'use client'
import type { Order, OrderShipment } from '@stoa/api-client'
import { cn, formatMoney, Picture } from '@stoa/ui'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { paths } from '@/config/paths'
import { AddressLines } from '@/features/address/address-lines'
import { useCountryName } from '@/features/address/store-query'
import { Backordered } from '@/features/cart/components/backordered'
import { TotalsList } from '@/features/cart/components/cart-totals'
import { LineAmount } from '@/features/cart/components/line-amount'
import { formatPromise } from '@/lib/dates'
import { BoughtGiftCards } from './bought-gift-cards'
import { Timeline } from './timeline'

/** Everything that is known about an order: goods, money, where to, and what has happened. */
export function OrderView({
  order,
  level = 2,
  children,
}: {
  order: Order
  level?: 2 | 3
  /** More about the order, below what has happened. */
  children?: ReactNode
}) {
  const locale = useLocale()
  const t = useTranslations('order')
  const countryName = useCountryName()
  const Heading = `h${level}` as const
  const point = order.shipping.service_point
  const delivers = order.shipping.option_id !== 'by-mail'
  return (
    <div className="grid gap-x-16 gap-y-10 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="min-w-0">
        <section aria-labelledby="order-lines">
          <Heading id="order-lines" className="mb-1 font-medium">
            {t('lines')}
          </Heading>
          <ul className="divide-y border-b">
            {order.lines.map((line) => (
              <li key={line.id} className="flex gap-4 py-4">
                <span className="aspect-4/5 w-18 flex-none overflow-hidden rounded-md bg-tile">
                  {line.image ? (
                    <Picture image={line.image} sizes="72px" alt="" fit="contain" className="size-full p-1" />
                  ) : null}
                </span>
                <span className="min-w-0 flex-1 text-sm">
                  {line.product_slug ? (
                    <Link
                      href={paths.product(locale, line.product_slug)}
                      className="font-medium hover:underline"
                    >
                      {line.name}
                    </Link>
                  ) : (
                    <span className="font-medium">{line.name}</span>
                  )}
                  {line.options_text ? (
                    <span className="block text-muted-foreground">{line.options_text}</span>
                  ) : null}
                  <span className="block text-muted-foreground tabular-nums">
                    {t('quantity', { count: line.quantity, price: formatMoney(line.unit_price, locale) })}
                  </span>
                  <Backordered count={line.waiting_quantity} day={line.expected_on} />
                  <BoughtGiftCards cards={line.gift_cards} />
                </span>
                <LineAmount line={line} className="font-medium" />
              </li>
            ))}
          </ul>
          <div className="ml-auto max-w-sm pt-5">
            <TotalsList
              totals={order.totals}
              promotions={order.discounts}
              shippingLater="–"
              delivers={delivers}
            />
          </div>
        </section>
        {order.shipments.length > 0 ? (
          <section aria-labelledby="order-parcels" className="mt-10">
            <Heading id="order-parcels" className="mb-4 font-medium">
              {t('parcels')}
            </Heading>
            <ul className="grid gap-6">
              {order.shipments.map((shipment) => (
                <Shipment key={shipment.number} shipment={shipment} />
              ))}
            </ul>
          </section>
        ) : null}
        {order.timeline.length > 0 ? (
          <section aria-labelledby="order-timeline" className="mt-10">
            <Heading id="order-timeline" className="mb-4 font-medium">
              {t('timeline')}
            </Heading>
            <Timeline entries={order.timeline} />
          </section>
        ) : null}
        {children}
      </div>
      <dl className="grid h-fit gap-6 rounded-xl bg-muted p-6 text-sm sm:max-lg:grid-cols-2">
        <Fact label={t('shipBy')}>
          {order.shipping.method_name}
          {order.shipping.promise ? (
            <span className="block text-muted-foreground">
              {t('arrives', { range: formatPromise(order.shipping.promise, locale) })}
            </span>
          ) : null}
        </Fact>
        {point ? (
          <Fact label={t('pickUp')}>
            {point.name}
            <span className="block">
              {[point.street, point.house_number].filter(Boolean).join(' ')}, {point.postal_code} {point.city}
            </span>
          </Fact>
        ) : null}
        {delivers ? (
          <Fact label={t('shipTo')}>
            <AddressLines
              address={order.shipping_address}
              country={countryName(order.shipping_address.country)}
            />
          </Fact>
        ) : null}
        <Fact label={t('billTo')}>
          <AddressLines
            address={order.billing_address}
            country={countryName(order.billing_address.country)}
          />
        </Fact>
        <Fact label={t('payBy')}>{order.payment.label}</Fact>
      </dl>
    </div>
  )
}

/** What travels together: what is in it, and where its parcels are. */
function Shipment({ shipment }: { shipment: OrderShipment }) {
  const t = useTranslations('order')
  return (
    <li className="rounded-xl border p-5 text-sm">
      <p className="mb-3 text-muted-foreground">
        {shipment.lines.map((line) => t('parcelLine', { count: line.quantity, name: line.name })).join(', ')}
      </p>
      <ul className="grid gap-5">
        {shipment.parcels.map((parcel) => (
          <li key={parcel.tracking_number}>
            <p className="mb-3">
              <span className="font-medium">{parcel.state_label}</span>
              {parcel.tracking_number ? (
                <span className="block text-muted-foreground">
                  {t('tracking')}{' '}
                  {parcel.tracking_url ? (
                    <a
                      href={parcel.tracking_url}
                      target="_blank"
                      rel="noreferrer"
                      className="underline tabular-nums"
                    >
                      {parcel.tracking_number}
                    </a>
                  ) : (
                    <span className="tabular-nums">{parcel.tracking_number}</span>
                  )}
                </span>
              ) : null}
            </p>
            {parcel.events.length > 0 ? (
              <Timeline entries={parcel.events.map(({ at, state, text }) => ({ at, kind: state, text }))} />
            ) : null}
          </li>
        ))}
      </ul>
    </li>
  )
}

function Fact({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt className="mb-1 text-muted-foreground">{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

export function OrderState({ order }: { order: Pick<Order, 'state' | 'state_label'> }) {
  const tone =
    order.state === 'cancelled'
      ? 'bg-destructive-ground text-destructive'
      : order.state === 'pending_payment'
        ? 'bg-warning-ground text-warning'
        : 'bg-success-ground text-success'
  return (
    <span className={cn('inline-flex rounded-sm px-2 py-0.5 text-xs font-medium whitespace-nowrap', tone)}>
      {order.state_label}
    </span>
  )
}
