import AxeBuilder from '@axe-core/playwright'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { freshEmail } from '../support/mail'
import { Shopper } from '../support/shopper'

async function expectNoViolations(page: Page, where: string) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join('\n    ')}`)
  // Softly: one run tells of every page.
  expect.soft(found, where).toEqual([])
}

/** Presses Tab until what should be pressed has the focus. */
async function tabTo(page: Page, role: 'button' | 'link' | 'combobox', name: RegExp) {
  const target = page.getByRole(role, { name })
  for (let presses = 0; presses < 160; presses++) {
    await page.keyboard.press('Tab')
    const reached = await target.evaluateAll((elements) =>
      elements.some((element) => element === document.activeElement),
    )
    if (reached) return
  }
  throw new Error(`160 presses of Tab do not reach the ${role} ${name}`)
}

test('with the keyboard alone, from the search to the checkout', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  await page.goto('/en')
  await shopper.awake()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: say('shell.skip') })).toBeFocused()
  await tabTo(page, 'combobox', new RegExp(`^${say('shell.search')}$`))
  await page.keyboard.type('lamp')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/q=lamp/)
  await expect(page.getByRole('main').getByRole('article').first()).toBeVisible()
  const name = await page.getByRole('main').getByRole('article').first().getByRole('link').textContent()
  // There are many filters, and a way past them.
  await tabTo(page, 'link', new RegExp(`^${say('catalog.skipFilters')}$`))
  await page.keyboard.press('Enter')
  await tabTo(page, 'link', new RegExp(`^${name}$`))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: name ?? '' })).toBeVisible()
  await shopper.awake()
  await tabTo(page, 'button', new RegExp(`^${say('product.addToCart')}$`))
  await page.keyboard.press('Enter')
  await expect(shopper.drawer).toBeVisible()
  await expect(shopper.drawer.getByRole('textbox').first()).toHaveValue('1')

  await test.step('the focus stays in the drawer and comes back when it closes', async () => {
    await page.keyboard.press('Escape')
    await expect(shopper.drawer).toBeHidden()
    await expect(page.getByRole('button', { name: say('product.addToCart') }).first()).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(shopper.drawer).toBeVisible()
    await expect(shopper.drawer.getByRole('textbox').first()).toHaveValue('2')
  })
  await tabTo(page, 'link', new RegExp(`^${say('cart.checkout')}$`))
  await page.keyboard.press('Enter')
  await expect(shopper.heading('checkout.contact.title')).toBeVisible()
})

test('after a link the keyboard goes on from the start of the new page', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  // Pages that were left stay in the document, hidden.
  const main = page.locator('main:visible')
  const follow = async (link: Locator) => {
    await link.focus()
    await page.keyboard.press('Enter')
  }
  const firstStop = async () => {
    await page.keyboard.press('Tab')
    return page.evaluate(() => {
      const active = document.activeElement
      const inside = active?.closest('main')
      const stops = inside ? [...inside.querySelectorAll('a[href], button, input')] : []
      return stops.filter((stop) => stop.checkVisibility())[0] === active
    })
  }
  await page.goto('/en/c/chairs')
  await shopper.awake()

  await test.step('from a product at the end of a list', async () => {
    await follow(main.getByRole('article').last().getByRole('link'))
    await expect(page).toHaveURL(/\/products\//)
    await expect(main).toBeFocused()
    expect(await firstStop()).toBe(true)
  })
  await test.step('back to the list', async () => {
    await page.goBack()
    await expect(main.getByRole('article').first()).toBeVisible()
    await expect(main).toBeFocused()
    expect(await firstStop()).toBe(true)
  })
  await test.step('from the head of the page', async () => {
    const navigation = page.getByRole('navigation', { name: say('shell.mainNavigation') })
    await follow(navigation.getByRole('link', { name: 'Tables', exact: true }))
    await expect(main.getByRole('heading', { level: 1, name: 'Tables' })).toBeVisible()
    await expect(main).toBeFocused()
  })
  await test.step('from the open cart to the checkout', async () => {
    await page.goto('/en/products/nahe-table-lamp')
    await shopper.awake()
    await shopper.addToCart()
    await follow(shopper.drawer.getByRole('link', { name: say('cart.checkout') }))
    await expect(shopper.heading('checkout.contact.title')).toBeVisible()
    await expect(main).toBeFocused()
  })
  await test.step('the way past the head leads into the page that is seen', async () => {
    await follow(page.getByRole('link', { name: say('shell.skip') }))
    await expect(main).toBeFocused()
    await page.keyboard.press('Tab')
    expect(await main.evaluate((element) => element.contains(document.activeElement))).toBe(true)
  })
  await test.step('a mistake keeps the focus that the page has put on it', async () => {
    await shopper.button('checkout.address.continue').click()
    await expect(shopper.field('checkout.contact.email')).toBeFocused()
  })
})

for (const scheme of ['light', 'dark'] as const) {
  test(`no page has a barrier that axe can find, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    const shopper = new Shopper(page, 'en')
    const { say } = shopper

    await page.goto('/en')
    await shopper.awake()
    await expectNoViolations(page, 'home')
    await shopper.search('chair')
    await expectNoViolations(page, 'search results')
    await shopper.openInStock('chair')
    await expectNoViolations(page, 'product')
    await shopper.addToCart()
    await expectNoViolations(page, 'cart drawer')
    await page.goto('/en/cart')
    await expect(shopper.button('cart.removeOf').first()).toBeVisible()
    await expectNoViolations(page, 'cart')

    await page
      .getByRole('main')
      .getByRole('link', { name: say('cart.checkout') })
      .click()
    await expect(shopper.heading('checkout.contact.title')).toBeVisible()
    await expectNoViolations(page, 'checkout: address')
    await shopper.button('checkout.address.continue').click()
    await expect(page.getByText(say('address.required')).first()).toBeVisible()
    await expectNoViolations(page, 'checkout: address with problems')
    await shopper.fillAddress({
      email: freshEmail('axel'),
      firstName: 'Axel',
      lastName: 'Ruiz',
      street: 'Damrak 1',
      postalCode: '1012 LG',
      city: 'Amsterdam',
      country: 'Netherlands',
    })
    await expectNoViolations(page, 'checkout: delivery')
    await shopper.chooseServicePoint(async () => expectNoViolations(page, 'checkout: pick-up points'))
    await page.getByRole('radio', { name: new RegExp(`^${say('checkout.payment.card')}`) }).check()
    await expectNoViolations(page, 'checkout: payment')
    await shopper.payByCard('4111111111111111')
    await expectNoViolations(page, 'checkout: review')
    await shopper.order()
    await shopper.confirmed()
    await expectNoViolations(page, 'confirmation')

    await page.goto('/en/login')
    await shopper.awake()
    await expectNoViolations(page, 'sign in')
    await page.goto('/en/register')
    await shopper.awake()
    await expectNoViolations(page, 'register')
    await shopper.signUp(freshEmail('axel'), 'Axel', 'Ruiz')
    for (const part of [
      '',
      '/orders',
      '/addresses',
      '/wishlist',
      '/reviews',
      '/cards',
      '/security',
      '/privacy',
    ]) {
      await page.goto(`/en/account${part}`)
      await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByRole('main').getByRole('status')).toHaveCount(0)
      await expectNoViolations(page, `account${part}`)
    }
  })
}
