import { expect, type Page, test } from '@playwright/test'
import { Shopper } from '../support/shopper'

// The buyer of the demo's hotel: chairs for four fifths of the price, a chair that nobody else sees, part numbers.
const HOTEL = { email: 'buyer@stoa.example', password: 'chairs for all rooms' }
const PUBLIC = '€149'
const OWN = '€119'

async function signIn(shopper: Shopper) {
  const { page } = shopper
  await page.goto('/en/login')
  await shopper.awake()
  await shopper.field('account.email').fill(HOTEL.email)
  await shopper.field('account.password').fill(HOTEL.password)
  await shopper.button('account.login.submit').click()
  await expect(page).toHaveURL(/\/en\/account$/)
}

const cardOf = (page: Page, name: string) =>
  page
    .getByRole('main')
    .getByRole('article')
    .filter({ has: page.getByRole('link', { name, exact: true }) })

/** Whether the page as the server sends it, before any script, says this. */
const served = async (page: Page, path: string) => {
  const answer = await page.request.get(path)
  return { text: await answer.text(), headers: answer.headers() }
}

test("a company's buyer sees their own prices, products and part numbers everywhere, and nobody else does", async ({
  browser,
  page,
}) => {
  const shopper = new Shopper(page, 'en')
  const main = page.getByRole('main')
  // Everybody's pages are kept before the buyer comes, and looked at again afterwards.
  const anonymous = await (await browser.newContext()).newPage()
  const everybody = async () => {
    await anonymous.goto('/en/products/isar-chair')
    await expect(anonymous.getByRole('main').getByText(PUBLIC, { exact: true }).first()).toBeVisible()
    await expect(anonymous.getByText(OWN, { exact: true })).toHaveCount(0)
    await anonymous.goto('/en/c/chairs')
    await expect(cardOf(anonymous, 'Isar chair').getByText(PUBLIC)).toBeVisible()
    await expect(anonymous.getByRole('link', { name: /hotel edition/ })).toHaveCount(0)
    await anonymous.goto('/en/products/isar-chair-hotel')
    await expect(anonymous.getByRole('heading', { name: /hotel edition/ })).toHaveCount(0)
    // A page without a result shows what sells well: what was found is told by the API.
    const found = await anonymous.request.get('/api/v1/catalog/listing?q=HAF-1001&locale=en&currency=EUR')
    expect((await found.json()).total).toBe(0)
  }
  await everybody()

  // What the browser kept of the time before the login is not shown after it.
  await page.goto('/en/c/chairs')
  await shopper.awake()
  await expect(cardOf(page, 'Isar chair').getByText(PUBLIC)).toBeVisible()
  await signIn(shopper)

  await test.step('in a list', async () => {
    await page.getByRole('banner').getByRole('link', { name: 'Stoa' }).first().click()
    await expect(page).toHaveURL(/\/en$/)
    await page.goto('/en/c/chairs')
    await shopper.awake()
    await expect(cardOf(page, 'Isar chair').getByText(OWN)).toBeVisible()
    await expect(cardOf(page, 'Isar chair').getByText(/HAF-1001/)).toBeVisible()
    await expect(cardOf(page, 'Isar chair, hotel edition').getByText(OWN)).toBeVisible()
    // By the server already, for this buyer alone.
    const { text, headers } = await served(page, '/en/c/chairs')
    expect(text).toContain('hotel edition')
    expect(text).toContain(OWN)
    expect(headers['cache-control']).toMatch(/private|no-store/)
    expect(headers['x-cache'] ?? '').not.toBe('HIT')
  })

  await test.step('in filters and order', async () => {
    await main.getByLabel(/^From/).first().fill('115')
    await main.getByLabel(/^To/).first().fill('125')
    await main.getByLabel(/^To/).first().press('Enter')
    await expect(page).toHaveURL(/price=11500\.\.12500/)
    await expect(cardOf(page, 'Isar chair')).toBeVisible()
    await page.goto('/en/c/chairs?sort=price_asc')
    await shopper.awake()
    const prices = await main
      .getByRole('article')
      .locator('[data-price] > span:first-child')
      .allTextContents()
    const numbers = prices.map((text) => Number(/€([\d,.]+)/.exec(text)?.[1]?.replaceAll(',', '')))
    expect(numbers.length).toBeGreaterThan(5)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  })

  await test.step('on the product page, by its address', async () => {
    await page.goto('/en/products/isar-chair-hotel')
    await shopper.awake()
    await expect(page.getByRole('heading', { level: 1, name: 'Isar chair, hotel edition' })).toBeVisible()
    await page.goto('/en/products/isar-chair')
    await shopper.awake()
    await expect(main.getByText(OWN, { exact: true }).first()).toBeVisible()
    await expect(main.getByText(PUBLIC, { exact: true })).toHaveCount(0)
    await expect(main.getByText(/HAF-1001/).first()).toBeVisible()
  })

  await test.step('while typing, and in a search', async () => {
    const box = page.getByRole('banner').getByRole('combobox')
    await box.fill('haf 10')
    await expect(page.getByRole('option', { name: /Isar chair.*HAF-10/ }).first()).toBeVisible()
    await box.fill('haf1001')
    await box.press('Enter')
    await expect(page).toHaveURL(/q=haf1001/)
    await expect(main.getByRole('article')).toHaveCount(1)
    await expect(cardOf(page, 'Isar chair').getByText(OWN)).toBeVisible()
  })

  await test.step('in the cart', async () => {
    await page.goto('/en/products/isar-chair')
    await shopper.awake()
    await shopper.addToCart()
    await expect(shopper.drawer.getByText(OWN).first()).toBeVisible()
  })

  await everybody()

  await test.step('and everybody’s again after signing out', async () => {
    await page.goto('/en/account')
    await page
      .getByRole('navigation', { name: shopper.say('account.nav.label') })
      .getByRole('button', { name: shopper.say('account.nav.logout') })
      .click()
    await expect
      .poll(async () => (await page.context().cookies()).some(({ name }) => name === 'stoa_buyer'))
      .toBe(false)
    await page.goto('/en/products/isar-chair')
    await shopper.awake()
    await expect(main.getByText(PUBLIC, { exact: true }).first()).toBeVisible()
    await expect(main.getByText(/HAF-1001/)).toHaveCount(0)
  })
  await anonymous.context().close()
})
