import { expect, type Locator, type Page, test } from '@playwright/test'
import { stranger } from '../support/api'
import { deskOrder, doctor, moneyOf, stockOf } from '../support/books'
import { type Bought, buyWith, carrierSays, DELIVERED, signInAsClerk } from '../support/desk'
import { freshEmail, mailsTo, mailTo, sandboxUrl } from '../support/mail'
import { Shopper } from '../support/shopper'

// There are plenty of both.
const TUMBLER = { slug: 'nive-tumbler', sku: 'NIV-TUM-YEL', quantity: 1 }
const LAMP = { slug: 'nahe-table-lamp', sku: 'NAH-TAB-LAM-BLA', quantity: 1 }
const ORDERS = 20
// The carrier's numbers: picked up, on its way.
const STEPS = [22, 91, DELIVERED]

/** The first of them is of somebody with an account, and holds a lamp as well; the carrier does not know the eighth address. */
async function yesterdaysOrders(customer: Page, email: string, wrong: string): Promise<Bought[]> {
  const first = await buyWith(customer.request, { email, goods: [TUMBLER, LAMP] })
  const guest = async (at: number) => {
    const browser = await stranger()
    try {
      return await buyWith(browser, {
        ...TUMBLER,
        ...(at === 7 ? { postalCode: '10199', lastName: wrong } : {}),
      })
    } finally {
      await browser.dispose()
    }
  }
  const all = [first]
  // A few at a time, as shoppers come.
  for (let from = 1; from < ORDERS; from += 4)
    all.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(4, ORDERS - from) }, (_, index) => guest(from + index)),
      )),
    )
  return all
}

async function isPdf(page: Page, link: Locator): Promise<Buffer> {
  const answer = await page.request.get((await link.getAttribute('href')) ?? '')
  expect(answer.headers()['content-type']).toBe('application/pdf')
  const body = await answer.body()
  expect(body.subarray(0, 5).toString()).toBe('%PDF-')
  return body
}

/** The carrier says of all these parcels every step, twice, and the last one first. */
async function carrierTellsTwiceAndBackwards(page: Page, numbers: readonly string[]) {
  const control = async (data: object) =>
    expect((await page.request.post(`${sandboxUrl}/__sandbox/sendcloud`, { data })).ok()).toBe(true)
  await control({ copies: 2, hold: true })
  try {
    const { items } = (await (
      await page.request.get(`${sandboxUrl}/__sandbox/sendcloud/parcels`)
    ).json()) as {
      items: { id: number; order_number: string; status_id: number }[]
    }
    // 1002: refused, before its address was corrected.
    const parcels = items.filter((one) => numbers.includes(one.order_number) && one.status_id !== 1002)
    expect(parcels).toHaveLength(numbers.length)
    for (const { id: parcel } of parcels)
      for (const id of STEPS) {
        const told = await page.request.post(`${sandboxUrl}/__sandbox/parcels/${parcel}/status`, {
          data: { id },
        })
        expect(told.ok()).toBe(true)
      }
  } finally {
    await control({ hold: false, copies: 1, release: 'newest_first' })
  }
}

test('a clerk sends twenty orders of yesterday, takes one line back, and money and stock agree', async ({
  page,
  browser,
}) => {
  test.slow()
  const main = page.getByRole('main')
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
  const wrong = `Wrong${Date.now()}`
  const email = freshEmail('yara')
  const shop = await (await browser.newContext()).newPage()
  const customer = new Shopper(shop, 'en')
  const t = (key: string) => customer.say(`order.returns.${key}`)
  let bought: Bought[] = []
  let numbers: string[] = []

  await signInAsClerk(page)
  const before = {
    tumblers: await stockOf(page.request, TUMBLER.sku),
    lamps: await stockOf(page.request, LAMP.sku),
  }

  await test.step('twenty orders of yesterday, one by a customer with an account', async () => {
    await customer.signUp(email, 'Yara', 'Desk')
    bought = await yesterdaysOrders(shop, email, wrong)
    numbers = bought.map(({ number }) => number)
    expect(await stockOf(page.request, TUMBLER.sku)).toEqual({
      on_hand: before.tumblers.on_hand,
      allocated: before.tumblers.allocated + ORDERS,
    })
  })
  const [own = ''] = numbers

  await test.step('chosen at the desk, put into one picking list', async () => {
    await page.goto('/admin/orders')
    for (const number of numbers)
      await page.getByRole('checkbox', { name: `Choose ${number}`, exact: true }).check()
    await expect(page.getByText(`${ORDERS} chosen`)).toBeVisible()
    // On a tablet held upright all columns are in sight.
    await page.setViewportSize({ width: 820, height: 1180 })
    const table = page.getByRole('table', { name: 'Orders' })
    const tooWide = () => table.evaluate((grid) => grid.scrollWidth - (grid.parentElement?.clientWidth ?? 0))
    expect(await tooWide()).toBeLessThanOrEqual(0)
    await page.setViewportSize({ width: 1280, height: 900 })
    await button('Picking list').click()
    await expect(page.getByRole('heading', { level: 1, name: 'Picking list' })).toBeVisible()
    await button('Put all that is left into shipments').click()
    const picked = page.getByRole('row').filter({ hasText: TUMBLER.sku })
    await expect(picked.getByRole('cell').nth(2)).toHaveText(String(ORDERS), { timeout: 90_000 })
    for (const number of numbers) await expect(picked).toContainText(number)
    await expect(page.getByRole('row').filter({ hasText: LAMP.sku }).getByRole('cell').nth(2)).toHaveText('1')
  })

  const labels = page.getByRole('table', { name: 'Shipments and their labels' })
  const failing = labels.getByRole('row').filter({ hasText: wrong })
  await test.step('nineteen labels are made at once, one address is refused', async () => {
    await button(`Make ${ORDERS} labels`).click()
    await expect(page.getByText(`${ORDERS - 1} of ${ORDERS} labels were made.`)).toBeVisible({
      timeout: 90_000,
    })
    await expect(page.getByText('The carrier refused one of them')).toBeVisible()
    await expect(labels.getByText('Labelled', { exact: true })).toHaveCount(ORDERS - 1)
    await expect(failing.getByText('Failed', { exact: true })).toBeVisible()
  })

  await test.step('it is corrected and made again', async () => {
    await failing.getByRole('button', { name: /^Correct the address/ }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByLabel('Postal code')).toHaveValue('10199')
    await dialog.getByLabel('Postal code').fill('10117')
    await dialog.getByRole('button', { name: 'Save the address' }).click()
    await expect(failing).toContainText('10117')
    await button('Make the label').click()
    await expect(labels.getByText('Labelled', { exact: true })).toHaveCount(ORDERS, { timeout: 60_000 })
  })

  await test.step('all labels are one file to print, and each is there for a label printer', async () => {
    const one = await isPdf(page, failing.getByRole('link').first())
    const all = await isPdf(page, page.getByRole('link', { name: `Print ${ORDERS} labels` }))
    expect(all.length).toBeGreaterThan(one.length)
    const zpl = await page.request.get(
      (await failing.getByRole('link', { name: /as ZPL$/ }).getAttribute('href')) ?? '',
    )
    expect((await zpl.text()).trim()).toMatch(/^\^XA[\s\S]*\^XZ$/)
  })

  await test.step('handed over', async () => {
    await button(`All ${ORDERS} handed over`).click()
    await expect(page.getByText('There is nothing to fetch')).toBeVisible({ timeout: 90_000 })
    const after = await stockOf(page.request, TUMBLER.sku)
    expect(after).toEqual({
      on_hand: before.tumblers.on_hand - ORDERS,
      allocated: before.tumblers.allocated,
    })
  })

  await test.step('the carrier tells everything twice, the newest first; nobody else is believed', async () => {
    const forged = await page.request.post('/hooks/sendcloud', {
      headers: { 'sendcloud-signature': '0'.repeat(64) },
      data: { action: 'parcel_status_changed', timestamp: Date.now(), parcel: {} },
    })
    expect(forged.status()).toBeGreaterThanOrEqual(400)
    expect(forged.status()).toBeLessThan(500)
    await carrierTellsTwiceAndBackwards(page, numbers)
  })

  await test.step('all twenty are delivered, once each, and stay it', async () => {
    for (const number of numbers)
      await expect
        .poll(async () => (await deskOrder(page.request, number)).order.state, { timeout: 120_000 })
        .toBe('delivered')
    for (const number of numbers) {
      const { history } = await deskOrder(page.request, number)
      const times = (kind: string) => history.filter((entry) => entry.kind === kind).length
      expect([times('shipped'), times('delivered')], number).toEqual([1, 1])
    }
    await page.goto(`/admin/orders?q=${numbers[7]}`)
    await expect(page.getByRole('row').filter({ hasText: numbers[7] ?? '' })).toContainText('Delivered')
    await mailTo(email, `Your order ${own} is on its way`)
    expect(await mailsTo(email, `Your order ${own} is on its way`)).toHaveLength(1)
  })

  await test.step('the customer returns one line in their account, with a reason', async () => {
    await shop.goto(`/en/account/orders/${own}`)
    await customer.awake()
    await shop.getByRole('button', { name: t('start'), exact: true }).click()
    await shop.getByRole('checkbox', { name: /Nahe table lamp/ }).check()
    await shop.getByLabel(t('reason'), { exact: true }).selectOption('not_as_described')
    await shop.getByLabel(t('note')).fill('It is darker than in the picture.')
    await shop.getByRole('button', { name: t('send'), exact: true }).click()
    await expect(shop.getByText(t('state_requested'), { exact: true })).toBeVisible()
  })

  await test.step('a clerk approves; the label is made', async () => {
    await page.goto('/admin/returns')
    await page.getByRole('row').filter({ hasText: own }).getByRole('link', { name: /^R-/ }).click()
    await expect(main.getByText('It is darker than in the picture.')).toBeVisible()
    await expect(main.getByRole('table', { name: 'Goods' })).not.toContainText(TUMBLER.sku)
    await button('Approve').click()
    const label = main.getByRole('link', { name: 'Download the label' })
    await expect(label).toBeVisible({ timeout: 60_000 })
    await isPdf(page, label)
  })

  await test.step('it arrives, is looked at, and goes back to stock', async () => {
    await carrierSays(page, (one) => one.order_number === own && one.is_return === true, DELIVERED)
    const lamps = { on_hand: before.lamps.on_hand - 1, allocated: before.lamps.allocated }
    expect(await stockOf(page.request, LAMP.sku)).toEqual(lamps)
    await main.getByLabel(/^Condition of/).selectOption('opened')
    await expect(main.getByLabel(/that go to stock$/)).toHaveValue('1')
    await button('Book the receipt').click()
    await expect(main.getByText('Received', { exact: true }).first()).toBeVisible()
    expect(await stockOf(page.request, LAMP.sku)).toEqual({ ...lamps, on_hand: before.lamps.on_hand })
  })

  let refunded = 0
  await test.step('a part of the money goes back', async () => {
    await main.getByLabel(/^Less, in EUR/).fill('5.00')
    await button('See what it comes to').click()
    const refund = main.getByRole('button', { name: /^Refund €/ })
    refunded = Math.round(Number(/[\d.]+/.exec((await refund.textContent()) ?? '')?.[0]) * 100)
    expect(refunded).toBeGreaterThan(0)
    await refund.click()
    await expect(main.getByText('Refunded', { exact: true }).first()).toBeVisible()
  })

  await test.step('the credit note is there as a PDF, for the staff and for the customer', async () => {
    await main.getByRole('link', { name: own, exact: true }).click()
    const documents = main
      .locator('section')
      .filter({ has: page.getByRole('heading', { name: 'Documents' }) })
    const note = documents.getByRole('listitem').filter({ hasText: /Credit note/i })
    await expect(async () => {
      await page.reload()
      await expect(note.getByRole('link', { name: /PDF/ }).first()).toBeVisible({ timeout: 10_000 })
    }).toPass({ timeout: 120_000 })
    await isPdf(page, note.getByRole('link', { name: /PDF/ }).first())
    await expect(async () => {
      await shop.reload()
      await expect(shop.getByText(t('state_refunded'), { exact: true })).toBeVisible({ timeout: 10_000 })
      await expect(shop.getByText(/^Credit note /).first()).toBeVisible({ timeout: 10_000 })
    }).toPass({ timeout: 120_000 })
    const theirs = shop.getByRole('listitem').filter({ hasText: /Credit note / })
    await isPdf(shop, theirs.getByRole('link', { name: /PDF/ }).first())
  })

  await test.step('books and stock agree', async () => {
    for (const number of numbers) {
      const { order } = await deskOrder(page.request, number)
      const back = number === own ? refunded : 0
      await expect
        .poll(async () => (await moneyOf(page.request, order.id)).pending.amount, { timeout: 60_000 })
        .toBe(0)
      const money = await moneyOf(page.request, order.id)
      expect(
        {
          paid: money.captured.amount - money.total.amount,
          back: money.refunded.amount,
          left: money.refundable.amount - (money.captured.amount - back),
          open: [money.owed.amount, money.due.amount],
          state: order.payment_state,
        },
        number,
      ).toEqual({ paid: 0, back, left: 0, open: [0, 0], state: back ? 'partially_refunded' : 'paid' })
    }
    expect(await stockOf(page.request, TUMBLER.sku)).toEqual({
      on_hand: before.tumblers.on_hand - ORDERS,
      allocated: before.tumblers.allocated,
    })
    expect(await stockOf(page.request, LAMP.sku)).toEqual(before.lamps)
    const found = await doctor()
    if (found !== undefined) expect(found).toMatch(/ok +ledger is balanced[\s\S]*ok +the audit log is whole/)
  })
  await shop.context().close()
})
