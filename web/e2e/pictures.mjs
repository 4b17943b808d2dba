// Pictures of the running demo shop for the documentation: node pictures.mjs [folder [part of a name]]. tools/pictures calls it.
import { mkdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { chromium } from '@playwright/test'

const origin = process.env.BASE_URL ?? 'http://localhost:8000'
const folder = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../../docs/pictures'))
// Only those whose name holds this
const wanted = process.argv[3] ?? ''
const MOST_BYTES = 120 * 1024

const desktop = { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 }
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }

/** As good as fits. Chromium writes WebP itself. */
async function take(page, name) {
  await page.waitForLoadState('networkidle')
  // Every picture that can be seen.
  await page.waitForFunction(() =>
    [...document.images].every((image) => {
      const { top, bottom, width } = image.getBoundingClientRect()
      return image.complete || width === 0 || top > innerHeight || bottom < 0
    }),
  )
  await page.waitForTimeout(400)
  const session = await page.context().newCDPSession(page)
  // Without a clip the picture is in CSS pixels.
  const clip = await page.evaluate(() => ({
    x: scrollX,
    y: scrollY,
    width: innerWidth,
    height: innerHeight,
    scale: devicePixelRatio,
  }))
  for (const quality of [88, 80, 70, 60, 50]) {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality, clip })
    const bytes = Buffer.from(data, 'base64')
    if (bytes.length > MOST_BYTES) continue
    const file = path.join(folder, `${name}.webp`)
    await writeFile(file, bytes)
    console.log(`${name}.webp  ${Math.round((await stat(file)).size / 1024)} KB, quality ${quality}`)
    return
  }
  throw new Error(`${name} does not fit into ${MOST_BYTES / 1024} KB`)
}

/** Pages come to life after they are there; before that a press is lost. */
const awake = (page) =>
  page.waitForFunction(() =>
    Object.keys(document.querySelector('main') ?? {}).some((key) => key.startsWith('__react')),
  )

// The demo's account, as seeding prints it.
async function toOffice(page, path) {
  await page.goto('/admin/')
  await page.getByLabel('Email address').fill('admin@stoa.example')
  await page.getByLabel('Password').fill('a key for every door')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Today' }).waitFor()
  await page.goto(path)
}

const office = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 }

const pictures = [
  {
    name: 'office-list',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/r/products?q=chair')
      await page.getByRole('row').nth(3).waitFor()
    },
  },
  {
    name: 'office-record-dark',
    device: { ...office, viewport: { width: 820, height: 1100 }, colorScheme: 'dark' },
    async run(page) {
      await toOffice(page, '/admin/r/products?q=isar%20chair')
      await page.getByRole('link', { name: 'Isar chair', exact: true }).first().click()
      await page.getByRole('heading', { level: 1, name: 'Isar chair' }).waitFor()
    },
  },
  {
    name: 'office-home',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/')
      await page.getByRole('link', { name: /Orders today/ }).waitFor()
    },
  },
  // The order desk needs orders: run the journeys buy-as-guest, changed-order, exchange, order-desk and returns first, in this order.
  {
    name: 'office-desk',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/orders?q=S-10000')
      await page.getByRole('row').nth(3).waitFor()
    },
  },
  {
    name: 'office-order',
    device: { ...office, viewport: { width: 1280, height: 960 } },
    async run(page) {
      await toOffice(page, '/admin/orders?state=delivered')
      await page.getByRole('row').nth(1).getByRole('link').first().click()
      await page.getByRole('heading', { name: 'Documents' }).waitFor()
    },
  },
  {
    name: 'office-picking',
    device: { ...office, viewport: { width: 1024, height: 768 } },
    async run(page) {
      await toOffice(page, '/admin/orders?state=confirmed')
      const boxes = page.getByRole('checkbox', { name: /^Choose S/ })
      await boxes.first().waitFor()
      for (let at = 0; at < Math.min(6, await boxes.count()); at++) await boxes.nth(at).check()
      await page.getByRole('button', { name: 'Picking list' }).click()
      const plan = page.getByRole('button', { name: 'Put all that is left into shipments' })
      await plan.click()
      await page.getByRole('table', { name: 'Shipments and their labels' }).waitFor()
    },
  },
  {
    name: 'office-picture',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/r/media?q=isar')
      await page.getByRole('row').nth(1).getByRole('link').first().click()
      await page.getByRole('button', { name: 'Press where the subject is' }).waitFor()
    },
  },
  {
    name: 'office-prices',
    device: { ...office, viewport: { width: 820, height: 1100 } },
    async run(page) {
      await toOffice(page, '/admin/r/prices')
      await page.getByRole('row').nth(3).waitFor()
    },
  },
  {
    name: 'office-rights',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/r/roles/clerk')
      await page.getByLabel('Orders: Refund').waitFor()
      await page.getByRole('heading', { name: 'What they may do' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'office-webhooks',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/webhooks')
      await page.getByRole('heading', { name: 'Webhooks' }).waitFor()
      if ((await page.getByRole('button', { name: 'Deliveries' }).count()) === 0) {
        await page.getByRole('button', { name: 'Add an endpoint' }).click()
        await page.getByLabel('Address').fill('https://books.example.com/stoa')
        await page.getByLabel('What it is for').fill('Bookkeeping')
        await page.getByLabel('Events').fill('order.confirmed\norder.refunded\norder.cancelled')
        await page.getByRole('button', { name: 'Add it' }).click()
        await page.getByRole('button', { name: 'I have kept them' }).click()
        await page.getByRole('button', { name: 'Add an endpoint' }).click()
        await page.getByLabel('Address').fill('https://wms.example.com/events')
        await page.getByLabel('What it is for').fill('The other warehouse')
        await page.getByLabel('Events').fill('shipment.*\nstock.*')
        await page.getByRole('button', { name: 'Add it' }).click()
        await page.getByRole('button', { name: 'I have kept them' }).click()
      }
      await page.getByRole('button', { name: 'Deliveries' }).first().waitFor()
    },
  },
  {
    name: 'office-account',
    device: { ...office, viewport: { width: 820, height: 1000 } },
    async run(page) {
      await toOffice(page, '/admin/account')
      await page.getByRole('button', { name: 'Turn it on' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Your password').fill('a key for every door')
      await dialog.getByRole('button', { name: 'Continue' }).click()
      await dialog.getByRole('img').waitFor()
      // Nobody's key belongs into a picture: this one is begun and never confirmed.
    },
  },
  { name: 'home', device: desktop, run: (page) => page.goto('/en') },
  {
    name: 'product',
    device: desktop,
    async run(page) {
      await page.goto('/en/products/isar-chair?colour=walnut')
    },
  },
  {
    name: 'category',
    device: { ...desktop, viewport: { width: 1440, height: 1100 } },
    run: (page) => page.goto('/en/c/seating?f=material:oak,beech'),
  },
  {
    name: 'checkout-phone',
    device: phone,
    async run(page) {
      await toDelivery(page, {
        product: '/en/products/nahe-table-lamp',
        add: 'Add to cart',
        checkout: 'Go to checkout',
        country: 'NL',
        fields: {
          'E-mail': 'ada@example.com',
          'First name': 'Ada',
          'Last name': 'Verhoeven',
          'Street and house number': 'Damrak 70',
          Postcode: '1012 LM',
          Town: 'Amsterdam',
        },
        go: 'Continue to delivery',
      })
      await page.getByRole('group', { name: 'Ways to deliver' }).getByRole('radio').first().check()
    },
  },
  { name: 'home-dark-phone', device: { ...phone, colorScheme: 'dark' }, run: (page) => page.goto('/en') },
  {
    name: 'german-phone',
    device: { ...phone, locale: 'de' },
    async run(page) {
      await toDelivery(page, {
        product: '/de/produkte/stuhl-isar',
        add: 'In den Warenkorb',
        checkout: 'Zur Kasse',
        country: 'DE',
        fields: {
          'E-Mail': 'jonas@example.com',
          Vorname: 'Jonas',
          Nachname: 'Krämer',
          'Straße und Hausnummer': 'Torstraße 140',
          PLZ: '10119',
          Ort: 'Berlin',
        },
        go: 'Weiter zur Lieferung',
      })
      await page.locator('input[name="delivery"]').first().check()
      await page.getByRole('button', { name: 'Weiter zur Zahlung' }).click()
      await page.waitForURL(/payment/)
      await page.locator('input[name="method"]').first().check()
      await page.evaluate(() => {
        document.activeElement?.blur()
        scrollTo(0, 0)
      })
    },
  },
]

/** From a product to the ways of delivery, in the words of the shop's language. */
async function toDelivery(page, { product, add, checkout, country, fields, go }) {
  await page.goto(product)
  await awake(page)
  await page.getByRole('main').getByRole('button', { name: add, exact: true }).first().click()
  await page.getByRole('dialog').getByRole('link', { name: checkout }).click()
  const [mail, ...others] = Object.entries(fields)
  await page.getByLabel(mail[0], { exact: true }).fill(mail[1])
  await page.locator('select[autocomplete~="country"]').selectOption(country)
  for (const [label, value] of others) await page.getByLabel(label, { exact: true }).fill(value)
  await page.getByRole('button', { name: go }).click()
  await page.locator('input[name="delivery"]').first().waitFor()
}

await mkdir(folder, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
try {
  for (const { name, device, run } of pictures.filter((picture) => picture.name.includes(wanted))) {
    const context = await browser.newContext({ baseURL: origin, reducedMotion: 'reduce', ...device })
    const page = await context.newPage()
    await run(page)
    await take(page, name)
    await context.close()
  }
} finally {
  await browser.close()
}
