// The storefront's pictures.
const desktop = { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 }
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }

/** Pages come to life after they are there; before that a press is lost. */
const awake = (page) =>
  page.waitForFunction(() =>
    Object.keys(document.querySelector('main') ?? {}).some((key) => key.startsWith('__react')),
  )

export const shop = [
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
