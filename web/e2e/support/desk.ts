import { type Browser, expect, type Page, test } from '@playwright/test'
import { freshEmail, sandboxUrl } from './mail'
import { wordsIn } from './words'

// `sku` is looked for among the product's variants; the first one otherwise.
export type Wish = {
  email?: string
  quantity?: number
  postalCode?: string
  lastName?: string
  slug?: string
  sku?: string
}
export type Bought = { number: string; token: string; email: string }

/** A guest buys two lamps, or what is wished for, by the API that the storefront uses. */
export async function buy(page: Page, wish: Wish = {}): Promise<Bought> {
  const email = wish.email ?? freshEmail('desk')
  await page.goto('/en/cart')
  const bought = await page.evaluate(
    async ({ address, quantity, postalCode, lastName, slug, sku }) => {
      const call = async (method: string, path: string, body?: unknown) => {
        const answer = await fetch(`/api/v1${path}`, {
          method,
          headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
          body: body === undefined ? undefined : JSON.stringify(body),
        })
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
        return answer.json()
      }
      const product = await call('GET', `/catalog/products/${slug ?? 'nahe-table-lamp'}?locale=en`)
      const variants: { id: string; sku: string }[] = product.variants
      const wanted = sku ? variants.find((variant) => variant.sku === sku) : variants[0]
      if (!wanted) throw new Error(`there is no ${sku}`)
      await call('POST', '/cart/lines', { variant_id: wanted.id, quantity: quantity ?? 2 })
      await call('POST', '/checkout')
      await call('PUT', '/checkout/contact', { email: address })
      const shipping = {
        first_name: 'Dora',
        last_name: lastName ?? 'Desk',
        line1: 'Torstr. 1',
        postal_code: postalCode ?? '10115',
        city: 'Berlin',
        country: 'DE',
      }
      await call('PUT', '/checkout/address', { shipping })
      const { totals } = await call('PUT', '/checkout/shipping', { option_id: 'own:standard' })
      const card = {
        number: '4111111111111111',
        expiry_month: '05',
        expiry_year: '2031',
        cvv: '123',
        holder: 'DORA DESK',
      }
      const done = await call('POST', '/checkout/complete', {
        expected_total: totals.total,
        terms_accepted: true,
        payment: { method: 'card', card },
      })
      return { number: done.order_number as string, token: done.order_token as string }
    },
    { ...wish, address: email },
  )
  return { ...bought, email }
}

/** Where a guest sees an order. */
export const orderPage = ({ number, token }: Pick<Bought, 'number' | 'token'>): string =>
  `/en/orders/${number}?token=${encodeURIComponent(token)}`

export async function signInAsClerk(page: Page) {
  await page.goto('/admin/')
  await page.getByLabel('Email address').fill('clerk@stoa.example')
  await page.getByLabel('Password').fill('a desk for all orders')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Today' })).toBeVisible()
}

/** Packs, labels and hands over everything, as a clerk who is signed in; then the carrier says it was delivered. */
export async function deliver(page: Page, number: string) {
  await page.evaluate(async (wanted) => {
    const call = async (method: string, path: string, body?: unknown) => {
      const answer = await fetch(`/api/v1/admin${path}`, {
        method,
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
      return answer.json()
    }
    const [order] = (await call('GET', `/orders?q=${wanted}`)).items
    const planned = await call('POST', `/orders/${order.id}/shipments`, { shipments: [] })
    const ids = planned.items.map((one: { id: string }) => one.id)
    await call('POST', '/shipments/announce', { shipment_ids: ids })
    for (const id of ids) await call('POST', `/shipments/${id}/hand-over`)
  }, number)
  await carrierSays(page, (one) => one.order_number === number && !one.is_return, DELIVERED)
}

/** The carrier's number for it. */
export const DELIVERED = 11

export type Parcel = { id: number; order_number: string; is_return?: boolean }

export async function carrierSays(page: Page, fits: (parcel: Parcel) => boolean, status: number) {
  const { items } = (await (await page.request.get(`${sandboxUrl}/__sandbox/sendcloud/parcels`)).json()) as {
    items: Parcel[]
  }
  const parcel = items.find(fits)
  if (!parcel) throw new Error('The carrier knows no such parcel')
  const told = await page.request.post(`${sandboxUrl}/__sandbox/parcels/${parcel.id}/status`, {
    data: { id: status },
  })
  expect(told.ok()).toBe(true)
}

/** A guest, in a browser of their own, whose order a clerk at `page` has sent and who holds it now. */
export async function guestWithGoods(page: Page, browser: Browser, wish: Wish = {}) {
  const guest = await browser.newContext()
  const shop = await guest.newPage()
  const bought = await buy(shop, wish)
  await test.step('the order is delivered', async () => {
    await signInAsClerk(page)
    await deliver(page, bought.number)
  })
  return { guest, shop, bought }
}

/** Opens the form of a return on the order's page, as soon as the shop knows that the goods have come. */
export async function startReturn(shop: Page, bought: Bought) {
  const start = shop.getByRole('button', { name: wordsIn('en')('order.returns.start'), exact: true })
  await expect(async () => {
    await shop.goto(orderPage(bought))
    await expect(start).toBeVisible({ timeout: 15_000 })
  }).toPass({ timeout: 120_000 })
  await start.click()
}
