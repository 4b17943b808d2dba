import { expect, test } from '@playwright/test'
import { buy, carrierSays, DELIVERED, signInAsClerk } from '../support/desk'
import { sandboxUrl } from '../support/mail'

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

test('a clerk sends twenty orders: picked, labelled together but for a wrong address, delivered in whatever order it is told', async ({
  page,
  browser,
}) => {
  test.slow()
  const main = page.getByRole('main')
  const numbers: string[] = []
  const wrong = `Wrong${Date.now()}`
  await test.step('twenty orders of yesterday', async () => {
    for (let at = 0; at < 20; at++) {
      const guest = await browser.newContext()
      const { number } = await buy(await guest.newPage(), {
        quantity: 1,
        // There are plenty of them.
        slug: 'nive-tumbler',
        sku: 'NIV-TUM-YEL',
        // The carrier knows no address there.
        ...(at === 7 ? { postalCode: '10199', lastName: wrong } : {}),
      })
      numbers.push(number)
      await guest.close()
    }
  })

  await test.step('chosen at the desk, put into one picking list', async () => {
    await signInAsClerk(page)
    await page.goto('/admin/orders')
    for (const number of numbers)
      await page.getByRole('checkbox', { name: `Choose ${number}`, exact: true }).check()
    await expect(page.getByText('20 chosen')).toBeVisible()
    // On a tablet held upright all columns are in sight.
    await page.setViewportSize({ width: 820, height: 1180 })
    const table = page.getByRole('table', { name: 'Orders' })
    const tooWide = () => table.evaluate((grid) => grid.scrollWidth - (grid.parentElement?.clientWidth ?? 0))
    expect(await tooWide()).toBeLessThanOrEqual(0)
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.getByRole('button', { name: 'Picking list' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Picking list' })).toBeVisible()
    await page.getByRole('button', { name: 'Put all that is left into shipments' }).click()
    const picked = page.getByRole('table', { name: 'To fetch' }).getByRole('row').nth(1)
    await expect(picked.getByRole('cell').nth(2)).toHaveText('20', { timeout: 60_000 })
    for (const number of numbers) await expect(picked).toContainText(number)
  })

  const labels = page.getByRole('table', { name: 'Shipments and their labels' })
  const failing = labels.getByRole('row').filter({ hasText: wrong })
  await test.step('nineteen labels are made at once, one address is refused', async () => {
    await page.getByRole('button', { name: 'Make 20 labels' }).click()
    await expect(page.getByText('19 of 20 labels were made.')).toBeVisible({ timeout: 90_000 })
    await expect(page.getByText('The carrier refused one of them')).toBeVisible()
    await expect(labels.getByText('Labelled', { exact: true })).toHaveCount(19)
    await expect(failing.getByText('Failed', { exact: true })).toBeVisible()
  })

  await test.step('it is corrected and made again', async () => {
    await failing.getByRole('button', { name: /^Correct the address/ }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByLabel('Postal code')).toHaveValue('10199')
    await dialog.getByLabel('Postal code').fill('10117')
    await dialog.getByRole('button', { name: 'Save the address' }).click()
    await expect(failing).toContainText('10117')
    await page.getByRole('button', { name: 'Make the label', exact: true }).click()
    await expect(labels.getByText('Labelled', { exact: true })).toHaveCount(20, { timeout: 60_000 })
    const label = await page.request.get((await failing.getByRole('link').first().getAttribute('href')) ?? '')
    expect((await label.body()).subarray(0, 5).toString()).toBe('%PDF-')
  })

  await test.step('the carrier tells everything twice, the newest first', async () => {
    const control = (data: object) => page.request.post(`${sandboxUrl}/__sandbox/sendcloud`, { data })
    expect((await control({ copies: 2, hold: true })).ok()).toBe(true)
    try {
      const { items } = await (await page.request.get(`${sandboxUrl}/__sandbox/sendcloud/parcels`)).json()
      const parcels = items.filter(
        (one: { order_number: string; status: { id?: number } }) =>
          numbers.includes(one.order_number) && one.status?.id !== 1002,
      )
      expect(parcels.length).toBeGreaterThanOrEqual(20)
      // Picked up, on its way, delivered.
      for (const parcel of parcels)
        for (const id of [22, 91, DELIVERED])
          expect(
            (
              await page.request.post(`${sandboxUrl}/__sandbox/parcels/${parcel.id}/status`, { data: { id } })
            ).ok(),
          ).toBe(true)
    } finally {
      expect((await control({ hold: false, copies: 1, release: 'newest_first' })).ok()).toBe(true)
    }
  })

  await test.step('all twenty are delivered, and stay it', async () => {
    await expect(async () => {
      for (const number of numbers) {
        await page.goto(`/admin/orders?q=${number}`)
        const row = page.getByRole('row').filter({ hasText: number })
        await expect(row.getByText('Delivered', { exact: true })).toBeVisible({ timeout: 3_000 })
      }
    }).toPass({ timeout: 120_000 })
    await page.goto(`/admin/orders?q=${numbers[7]}`)
    await page.getByRole('link', { name: numbers[7] ?? '' }).click()
    await expect(main.getByText('Delivered', { exact: true }).first()).toBeVisible()
  })
})
