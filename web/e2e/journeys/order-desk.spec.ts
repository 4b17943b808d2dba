import { expect, type Page, test } from '@playwright/test'

const sandbox = process.env.SANDBOX_URL ?? 'http://127.0.0.1:8003'

/** A guest buys, by the API that the storefront uses; the number of the order. */
async function buy(page: Page): Promise<string> {
  await page.goto('/en')
  return page.evaluate(async () => {
    const call = async (method: string, path: string, body?: unknown) => {
      const answer = await fetch(`/api/v1${path}`, {
        method,
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
      return answer.json()
    }
    const product = await call('GET', '/catalog/products/nahe-table-lamp?locale=en')
    await call('POST', '/cart/lines', { variant_id: product.variants[0].id, quantity: 2 })
    await call('POST', '/checkout')
    await call('PUT', '/checkout/contact', { email: `desk.${Date.now()}@example.com` })
    const shipping = {
      first_name: 'Dora',
      last_name: 'Desk',
      line1: 'Torstr. 1',
      postal_code: '10115',
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
    return done.order_number
  })
}

test('a clerk packs an order, makes its label, hands it over and gives a part of the money back', async ({
  page,
  browser,
}) => {
  test.slow()
  const guest = await browser.newContext()
  const number = await buy(await guest.newPage())
  await guest.close()
  const main = page.getByRole('main')
  const button = (name: string) => page.getByRole('button', { name, exact: true })

  await test.step('the order waits at the desk', async () => {
    await page.goto('/admin/')
    await page.getByLabel('Email address').fill('clerk@stoa.example')
    await page.getByLabel('Password').fill('a desk for all orders')
    await button('Sign in').click()
    await expect(page.getByRole('heading', { level: 1, name: 'Today' })).toBeVisible()
    await page.goto('/admin/orders')
    await page.getByRole('link', { name: number }).click()
    await expect(page.getByRole('heading', { level: 1, name: number })).toBeVisible()
    await expect(main.getByText('Confirmed', { exact: true }).first()).toBeVisible()
  })

  await test.step('planned, labelled, handed over', async () => {
    await button('Plan shipments').click()
    await button('Plan it like this').click()
    await button('Make the label').click()
    await expect(page.getByText('The label is there.')).toBeVisible()
    const link = main.locator('a[href*="/label"]').first()
    const label = await page.request.get((await link.getAttribute('href')) ?? '')
    expect(label.headers()['content-type']).toBe('application/pdf')
    expect((await label.body()).subarray(0, 5).toString()).toBe('%PDF-')
    await button('Handed over').click()
    await expect(main.getByText('Shipped', { exact: true }).first()).toBeVisible()
  })

  await test.step('what the carrier reports arrives by itself', async () => {
    const parcels = await (await page.request.get(`${sandbox}/__sandbox/sendcloud/parcels`)).json()
    const parcel = parcels.items.find((one: { order_number: string }) => one.order_number === number)
    const told = await page.request.post(`${sandbox}/__sandbox/parcels/${parcel.id}/status`, {
      data: { id: 11 },
    })
    expect(told.ok()).toBe(true)
    await expect(async () => {
      await page.reload()
      await expect(main.getByText('Delivered', { exact: true }).first()).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 60_000 })
  })

  await test.step('the money of one of two goes back', async () => {
    await button('Refund').click()
    await page.getByRole('textbox', { name: /^Units of/ }).fill('1')
    const dialog = page.getByRole('dialog')
    await dialog.locator('button[type=submit]').click()
    await expect(dialog.getByText('Tax in it')).toBeVisible()
    await dialog.getByLabel('Reason').fill('One of them was scratched.')
    await dialog.locator('button[type=submit]').click()
    await expect(page.getByText('The refund is on its way.')).toBeVisible()
    await expect(async () => {
      await page.reload()
      await expect(main.getByText('Refunded', { exact: true }).first()).toBeVisible({ timeout: 2_000 })
      await expect(main).toContainText(/Refunded\s*€[1-9]/, { timeout: 2_000 })
    }).toPass({ timeout: 60_000 })
  })
})
