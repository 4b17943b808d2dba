// The back office's pictures, in the order in which docs/how-to/back-office.md tells of them.
import { makeOrders } from './orders.mjs'

// The demo's account, as seeding prints it.
const account = { email: 'admin@stoa.example', password: 'a key for every door' }

async function toOffice(page, path) {
  await makeOrders()
  await page.goto('/admin/')
  await page.getByLabel('Email address').fill(account.email)
  await page.getByLabel('Password').fill(account.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Today' }).waitFor()
  await page.goto(path)
}

const wide = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 }
const high = { ...wide, viewport: { width: 1280, height: 1000 } }
const tablet = { ...wide, viewport: { width: 820, height: 1100 } }

/** The order that has been delivered and paid back in part. */
async function toOrder(page) {
  await toOffice(page, '/admin/orders?tag=pictures')
  await page.getByRole('row').nth(1).getByRole('link').first().click()
  await page.getByRole('heading', { name: 'Documents' }).waitFor()
}

export const office = [
  {
    name: 'office-home',
    device: wide,
    async run(page) {
      await toOffice(page, '/admin/')
      await page.getByRole('link', { name: /Orders today/ }).waitFor()
    },
  },
  {
    name: 'office-list',
    device: wide,
    async run(page) {
      await toOffice(page, '/admin/r/products?q=chair')
      await page.getByRole('row').nth(3).waitFor()
      // The demo's goods have none.
      await page.getByRole('button', { name: 'Columns' }).click()
      await page.getByRole('button', { name: 'Brand' }).click()
      await page.keyboard.press('Escape')
    },
  },
  {
    name: 'office-product',
    device: high,
    async run(page) {
      await toOffice(page, '/admin/r/products?q=isar%20chair')
      await page.getByRole('link', { name: 'Isar chair', exact: true }).first().click()
      await page.getByRole('heading', { level: 1, name: 'Isar chair' }).waitFor()
    },
  },
  {
    name: 'office-record-dark',
    device: { ...tablet, colorScheme: 'dark' },
    async run(page) {
      await toOffice(page, '/admin/r/products?q=isar%20chair')
      await page.getByRole('link', { name: 'Isar chair', exact: true }).first().click()
      await page.getByRole('heading', { level: 1, name: 'Isar chair' }).waitFor()
    },
  },
  {
    name: 'office-desk',
    device: wide,
    async run(page) {
      await toOffice(page, '/admin/orders?state=')
      await page.getByRole('row').nth(8).waitFor()
    },
  },
  { name: 'office-order', device: { ...wide, viewport: { width: 1280, height: 1180 } }, run: toOrder },
  {
    name: 'office-refund',
    device: high,
    async run(page) {
      await toOffice(page, '/admin/orders?q=Anton')
      await page.getByRole('row').nth(1).getByRole('link').first().click()
      await page.getByRole('button', { name: 'Refund', exact: true }).click()
      await page
        .getByRole('textbox', { name: /^Units of/ })
        .last()
        .fill('1')
      const dialog = page.getByRole('dialog')
      await dialog.locator('button[type=submit]').click()
      await dialog.getByText('Tax in it').waitFor()
      await dialog.getByLabel('Reason').fill('One of the lamps has a tear.')
    },
  },
  {
    name: 'office-picking',
    device: high,
    async run(page) {
      await toOffice(page, '/admin/orders?state=confirmed')
      const boxes = page.getByRole('checkbox', { name: /^Choose S/ })
      await boxes.first().waitFor()
      for (let at = 0; at < Math.min(7, await boxes.count()); at++) await boxes.nth(at).check()
      await page.getByRole('button', { name: 'Picking list' }).click()
      await page.getByRole('heading', { level: 1, name: 'Picking list' }).waitFor()
      const plan = page.getByRole('button', { name: 'Put all that is left into shipments' })
      await plan
        .or(page.getByRole('table', { name: 'Shipments and their labels' }))
        .first()
        .waitFor()
      if (await plan.isVisible()) await plan.click()
      await page.getByRole('table', { name: 'Shipments and their labels' }).waitFor()
      const make = page.getByRole('button', { name: /^Make \d+ labels$/ })
      if (await make.isVisible()) await make.click()
      await page
        .getByRole('link', { name: /as ZPL$/ })
        .first()
        .waitFor()
      // What was said of it goes by itself.
      await page.getByText('labels are there.').waitFor({ state: 'hidden' })
    },
  },
  {
    name: 'office-return',
    device: high,
    async run(page) {
      await toOffice(page, '/admin/returns?state=')
      await page.getByRole('row').nth(1).getByRole('link').first().click()
      await page.getByRole('heading', { level: 1, name: /^R-/ }).waitFor()
    },
  },
  {
    name: 'office-promotion',
    device: high,
    async run(page) {
      await toOffice(page, '/admin/r/promotions')
      await page.getByRole('link', { name: 'Third chair free' }).click()
      const goods = page.getByRole('combobox', { name: 'Goods' })
      await goods.fill('ISA-CHA-WAL')
      await page
        .getByRole('option', { name: /ISA-CHA-WAL/ })
        .first()
        .click()
      await page.getByLabel('Quantity of goods 1').fill('3')
      await page.getByRole('button', { name: 'Work it out' }).click()
      await page.getByRole('table', { name: 'The cart' }).waitFor()
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
    },
  },
  {
    name: 'office-prices',
    device: tablet,
    async run(page) {
      await toOffice(page, '/admin/r/prices')
      await page.getByRole('row').nth(3).waitFor()
    },
  },
  {
    name: 'office-webhooks',
    device: wide,
    async run(page) {
      await toOffice(page, '/admin/webhooks')
      await page.getByRole('heading', { name: 'Webhooks' }).waitFor()
      if ((await page.getByRole('button', { name: 'Deliveries' }).count()) === 0)
        for (const [address, what, events] of [
          [
            'https://books.example.com/stoa',
            'Bookkeeping',
            'order.confirmed\norder.refunded\norder.cancelled',
          ],
          ['https://wms.example.com/events', 'The other warehouse', 'shipment.*\nstock.*'],
        ]) {
          await page.getByRole('button', { name: 'Add an endpoint' }).click()
          await page.getByLabel('Address').fill(address)
          await page.getByLabel('What it is for').fill(what)
          await page.getByLabel('Events').fill(events)
          await page.getByRole('button', { name: 'Add it' }).click()
          await page.getByRole('button', { name: 'I have kept them' }).click()
        }
      await page.getByRole('button', { name: 'Deliveries' }).first().waitFor()
    },
  },
]
