import { formatMoney } from '@stoa/ui'

type Entry = { data: Record<string, unknown> }

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What an entry of an order's history says besides its kind: which parcel, how much, why, and who did it. */
export function entryDetail(order: string, { data }: Entry): string {
  const parts: string[] = []
  if (typeof data.number === 'number' && text(data.shipment)) parts.push(`${order}-${data.number}`)
  if (typeof data.amount === 'number' && text(data.currency))
    parts.push(formatMoney({ amount: data.amount, currency: text(data.currency) }, 'en'))
  if (typeof data.quantity === 'number' && text(data.sku)) parts.push(`${data.quantity} × ${text(data.sku)}`)
  for (const name of ['document', 'subject', 'to', 'tracking_number', 'reason', 'problem', 'message', 'note'])
    if (text(data[name])) parts.push(text(data[name]))
  for (const name of ['staff_name', 'staff', 'by', 'author'])
    if (text(data[name]) && !/^[a-z]{3,4}_/.test(text(data[name]))) parts.push(`by ${text(data[name])}`)
  return [...new Set(parts)].join(' · ')
}
