import { type APIRequestContext, type Browser, expect, type Page, test } from '@playwright/test'
import { adminApi, api } from './api'
import { freshEmail, sandboxUrl } from './mail'
import { cards } from './shopper'
import { wordsIn } from './words'

/** `sku` is looked for among the product's variants; the first one otherwise. */
export type Goods = { slug: string; sku?: string; quantity: number }
export type Wish = {
  email?: string
  postalCode?: string
  lastName?: string
  /** Several things; or one, by its parts. */
  goods?: Goods[]
} & Partial<Goods>
export type Bought = { number: string; token: string; email: string }

/** Buys two lamps, or what is wished for, by card and by the API that the storefront uses. */
export async function buyWith(browser: APIRequestContext, wish: Wish = {}): Promise<Bought> {
  const call = api(browser)
  const email = wish.email ?? freshEmail('desk')
  const one: Goods = { slug: wish.slug ?? 'nahe-table-lamp', quantity: wish.quantity ?? 2 }
  if (wish.sku) one.sku = wish.sku
  for (const { slug, sku, quantity } of wish.goods ?? [one]) {
    const { variants } = await call<{ variants: { id: string; sku: string }[] }>(
      'GET',
      `/catalog/products/${slug}?locale=en`,
    )
    const wanted = sku ? variants.find((variant) => variant.sku === sku) : variants[0]
    if (!wanted) throw new Error(`There is no ${sku ?? slug}`)
    await call('POST', '/cart/lines', { variant_id: wanted.id, quantity })
  }
  await call('POST', '/checkout')
  await call('PUT', '/checkout/contact', { email })
  const shipping = {
    first_name: 'Dora',
    last_name: wish.lastName ?? 'Desk',
    line1: 'Torstr. 1',
    postal_code: wish.postalCode ?? '10115',
    city: 'Berlin',
    country: 'DE',
  }
  await call('PUT', '/checkout/address', { shipping })
  const { totals } = await call<{ totals: { total: object } }>('PUT', '/checkout/shipping', {
    option_id: 'own:standard',
  })
  const card = {
    number: cards.paid,
    expiry_month: '05',
    expiry_year: '2031',
    cvv: '123',
    holder: 'DORA DESK',
  }
  const done = await call<{ order_number: string; order_token: string }>('POST', '/checkout/complete', {
    expected_total: totals.total,
    terms_accepted: true,
    payment: { method: 'card', card },
  })
  return { number: done.order_number, token: done.order_token, email }
}

export const buy = (page: Page, wish: Wish = {}): Promise<Bought> => buyWith(page.request, wish)

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
  const call = adminApi(page.request)
  const { items } = await call<{ items: { id: string }[] }>('GET', `/orders?q=${number}`)
  const planned = await call<{ items: { id: string }[] }>('POST', `/orders/${items[0]?.id}/shipments`, {
    shipments: [],
  })
  const ids = planned.items.map(({ id }) => id)
  await call('POST', '/shipments/announce', { shipment_ids: ids })
  for (const id of ids) await call('POST', `/shipments/${id}/hand-over`)
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
