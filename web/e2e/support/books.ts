import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { type APIRequestContext, test } from '@playwright/test'
import { adminApi } from './api'

type Amount = { amount: number; currency: string }
export type OrderBooks = {
  version: number
  total: Amount
  captured: Amount
  refunded: Amount
  refundable: Amount
  owed: Amount
  due: Amount
  pending: Amount
}
export type DeskOrder = {
  order: {
    id: string
    number: string
    state: string
    payment_state: string
    lines: { id: string; sku: string }[]
  }
  history: { kind: string }[]
  shipments: { id: string; state: string }[]
}

/** An order as the desk sees it, by the number that people see. */
export async function deskOrder(staff: APIRequestContext, number: string): Promise<DeskOrder> {
  const call = adminApi(staff)
  const { items } = await call<{ items: { id: string; number: string }[] }>('GET', `/orders?q=${number}`)
  const found = items.find((item) => item.number === number)
  if (!found) throw new Error(`The desk has no ${number}`)
  return call<DeskOrder>('GET', `/orders/${found.id}`)
}

export const moneyOf = (staff: APIRequestContext, id: string) =>
  adminApi(staff)<OrderBooks>('GET', `/orders/${id}/money`)

/** How much of an article is in the house, and promised to orders, over all warehouses. */
export async function stockOf(staff: APIRequestContext, sku: string) {
  const { rows } = await adminApi(staff)<{ rows: { sku: string; on_hand: number; allocated: number }[] }>(
    'GET',
    `/resources/stock?q=${sku}`,
  )
  const all = rows.filter((row) => row.sku === sku)
  if (all.length === 0) throw new Error(`There is no stock of ${sku}`)
  return {
    on_hand: all.reduce((sum, row) => sum + row.on_hand, 0),
    allocated: all.reduce((sum, row) => sum + row.allocated, 0),
  }
}

/**
 * What `stoa doctor` finds. It needs the shop's own configuration: DOCTOR is the command that has it, such as
 * "env STOA_VAR=/srv/shop tools/doctor". Nothing where the shop is elsewhere.
 */
export async function doctor(): Promise<string | undefined> {
  const command = process.env.DOCTOR
  if (!command) {
    test.info().annotations.push({ type: 'not asked', description: 'stoa doctor: DOCTOR is not set' })
    return undefined
  }
  const root = path.resolve(import.meta.dirname, '../../..')
  // It fails for what other journeys left behind as well; what it says is what counts here.
  return promisify(execFile)('sh', ['-c', command], { cwd: root }).then(
    ({ stdout }) => stdout,
    (failed: { stdout: string; stderr: string }) => `${failed.stdout}${failed.stderr}`,
  )
}
