import { expect, test } from '@playwright/test'
import { adminApi, stranger } from '../support/api'
import { deskOrder, moneyOf } from '../support/books'
import { buy, buyWith, carrierSays, DELIVERED, type Goods, signInAsClerk } from '../support/desk'

test('a clerk packs an order, makes its label, hands it over and gives a part of the money back', async ({
  page,
  browser,
}) => {
  test.slow()
  const guest = await browser.newContext()
  const { number } = await buy(await guest.newPage())
  await guest.close()
  const main = page.getByRole('main')
  const button = (name: string) => page.getByRole('button', { name, exact: true })

  await test.step('the order waits at the desk', async () => {
    await signInAsClerk(page)
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
    await carrierSays(page, (one) => one.order_number === number, DELIVERED)
    await expect(async () => {
      await page.reload()
      await expect(main.getByText('Delivered', { exact: true }).first()).toBeVisible({ timeout: 15_000 })
    }).toPass({ timeout: 120_000 })
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
      await expect(main.getByText('Refunded', { exact: true }).first()).toBeVisible({ timeout: 15_000 })
      await expect(main).toContainText(/Refunded\s*€[1-9]/, { timeout: 15_000 })
    }).toPass({ timeout: 120_000 })
  })
})

test('what is not paid stays here until a clerk says otherwise; a clerk opens a return for a buyer who called', async ({
  page,
}) => {
  test.slow()
  const main = page.getByRole('main')
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
  const dialog = page.getByRole('dialog')
  const tumbler = { slug: 'nive-tumbler', sku: 'NIV-TUM-YEL', quantity: 1 }
  const orders = [await bought(tumbler), await bought(tumbler)]
  const [due = '', paid = ''] = orders.map(({ number }) => number)
  await signInAsClerk(page)
  const call = adminApi(page.request)

  await test.step('one more is put into an order: more is due than was paid', async () => {
    const { order } = await deskOrder(page.request, due)
    const { version } = await moneyOf(page.request, order.id)
    const lines = [{ line_id: order.lines[0]?.id, quantity: 2 }]
    const seen = await call<{ total: object }>('POST', `/orders/${order.id}/edits/preview`, {
      version,
      lines,
    })
    await call('POST', `/orders/${order.id}/edits`, {
      version,
      lines,
      expected_total: seen.total,
      reason: 'Wanted two.',
      request_payment: false,
    })
  })

  const labels = page.getByRole('table', { name: 'Shipments and their labels' })
  const held = labels.getByRole('row').filter({ hasText: due })
  await test.step('the picking list names it, and plans the others', async () => {
    await page.goto(`/admin/orders?q=${due}`)
    const ids = await Promise.all(
      [due, paid].map(async (number) => (await deskOrder(page.request, number)).order.id),
    )
    await page.goto(`/admin/picking?orders=${ids.join()}`)
    await expect(main.getByText('1 order is held back: money is due')).toBeVisible()
    await expect(main.getByRole('listitem').filter({ hasText: due })).toContainText('partially paid')
    await button('Put all that is left into shipments').click()
    await expect(labels.getByRole('row').filter({ hasText: paid })).toBeVisible()
    await expect(held).toHaveCount(0)
  })

  await test.step('it is planned after a question, and its label asks again', async () => {
    await button('Plan it all the same').click()
    await expect(dialog).toContainText(due)
    await dialog.getByRole('button', { name: 'Plan all the same' }).click()
    await expect(held).toContainText('Money is due')
    await button('Make 2 labels').click()
    await expect(dialog).toContainText(`${due}-1: More is due for this order than was paid.`)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await expect(held).toContainText('Planned')
    await expect(held).toContainText('More is due for this order than was paid.')
    await expect(labels.getByText('Labelled', { exact: true })).toHaveCount(1)
  })

  await test.step('it goes anyway', async () => {
    await button('Make the label').click()
    await dialog.getByRole('button', { name: 'Make the label all the same' }).click()
    await expect(labels.getByText('Labelled', { exact: true })).toHaveCount(2)
    await button('All 2 handed over').click()
    await expect(main.getByText('There is nothing to fetch')).toBeVisible()
  })

  await test.step('the buyer calls: one is scratched', async () => {
    await carrierSays(page, (one) => one.order_number === paid, DELIVERED)
    await expect.poll(async () => (await deskOrder(page.request, paid)).order.state).toBe('delivered')
    await page.goto(`/admin/orders/${(await deskOrder(page.request, paid)).order.id}`)
    await button('Open a return').click()
    await dialog.getByRole('button', { name: 'Open the return' }).click()
    await expect(dialog.getByText('Say what comes back.')).toBeVisible()
    await dialog.getByLabel(/^Units of .* that come back$/).fill('1')
    await dialog.getByRole('button', { name: 'Open the return' }).click()
    await expect(dialog.getByText('Say why.')).toBeVisible()
    await dialog.getByLabel(/^Why .* comes back$/).selectOption('damaged')
    await dialog.getByLabel(/^What is wrong with/).fill('A scratch.')
    await dialog.getByRole('button', { name: 'Open the return' }).click()
    await expect(page.getByRole('heading', { level: 1, name: /^R-/ })).toBeVisible()
    await expect(main.getByText('A scratch.')).toBeVisible()
    await expect(button('Approve')).toBeVisible()
  })
})

/** By a guest without a window. */
async function bought(wish: Goods) {
  const browser = await stranger()
  const made = await buyWith(browser, wish)
  await browser.dispose()
  return made
}
