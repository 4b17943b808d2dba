import type { Received, Return } from '../../api/returns'

export const CONDITIONS = ['as_new', 'opened', 'used', 'damaged'] as const
export type LineReceipt = { received: string; restocked: string; condition: string }
export type ReceiptDraft = Record<string, LineReceipt>

/** What a receipt begins with: everything came, as new, and goes back to stock. */
export const wholeReceipt = (one: Return): ReceiptDraft =>
  Object.fromEntries(
    one.lines.map((line) => [
      line.line_id,
      { received: String(line.quantity), restocked: String(line.quantity), condition: 'as_new' },
    ]),
  )

/** Where a receipt is booked that names no warehouse. */
export function sentFrom(one: Return, warehouses: readonly { id: string; name: string }[]): string {
  const ids = new Set(one.lines.map((line) => line.warehouse_id))
  const names = warehouses.filter(({ id }) => ids.has(id)).map(({ name }) => name)
  return names.length > 0 ? `Where they came from: ${names.join(', ')}` : 'Where they came from'
}

/** What was typed as a receipt, or what is wrong with it, by line ('' for the whole). */
export function receiptOf(
  one: Return,
  draft: ReceiptDraft,
): { lines: Received[] } | { errors: Record<string, string> } {
  const errors: Record<string, string> = {}
  const lines: Received[] = []
  for (const line of one.lines) {
    const typed = draft[line.line_id]
    if (!typed) continue
    const whole = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : Number.NaN)
    const received = typed.received.trim() === '' ? 0 : whole(typed.received)
    const restocked = typed.restocked.trim() === '' ? 0 : whole(typed.restocked)
    if (Number.isNaN(received) || received > line.quantity)
      errors[line.line_id] = `At most ${line.quantity} can come back.`
    else if (Number.isNaN(restocked) || restocked > received)
      errors[line.line_id] = `At most ${received} can go back to stock.`
    else lines.push({ line_id: line.line_id, received, restocked, condition: typed.condition })
  }
  if (Object.keys(errors).length > 0) return { errors }
  if (lines.every(({ received }) => received === 0)) return { errors: { '': 'Say what came back.' } }
  return { lines }
}
