import { expect, test } from '@playwright/test'
import { freshEmail } from '../support/mail'
import { cards, type Person, Shopper } from '../support/shopper'

const person = (): Person => ({
  email: freshEmail('urs'),
  firstName: 'Urs',
  lastName: 'Gerber',
  street: 'Bahnhofstrasse 1',
  postalCode: '8001',
  city: 'Zürich',
  country: 'Switzerland',
})

async function chooseFrancs({ page, say }: Shopper) {
  await page
    .getByRole('banner')
    .getByRole('button', { name: new RegExp(`^${say('shell.preferences')}`) })
    .click()
  const dialog = page.getByRole('dialog', { name: say('shell.preferences') })
  await dialog.getByLabel(say('shell.deliverTo')).selectOption({ label: 'Switzerland' })
  await dialog.getByLabel(say('shell.currency')).selectOption('CHF')
  await dialog.getByRole('button', { name: say('common.save') }).click()
}

test('in Swiss francs from the price to the invoice', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  const main = page.getByRole('main')
  await page.goto('/en/products/nahe-table-lamp')
  await shopper.awake()
  await expect(main.getByText(/^€\d/).first()).toBeVisible()

  await test.step('every price follows', async () => {
    await chooseFrancs(shopper)
    await expect(main.getByText(/^CHF\s\d/).first()).toBeVisible()
    await expect(main.locator('[data-price="EUR"]:visible')).toHaveCount(0)
    await page.reload()
    await expect(main.getByText(/^CHF\s\d/).first()).toBeVisible()
    await page.goto('/en/c/chairs')
    await expect(
      main
        .getByRole('article')
        .first()
        .getByText(/CHF\s\d/),
    ).toBeVisible()
    await expect(main.locator('[data-price="EUR"]:visible')).toHaveCount(0)
  })

  await test.step('buy on an invoice, which is the only way in francs', async () => {
    await page.goto('/en/products/nahe-table-lamp')
    await shopper.awake()
    await shopper.addToCart()
    await expect(shopper.drawer.getByText(/^CHF\s\d/).first()).toBeVisible()
    await shopper.goToCheckout()
    await expect(shopper.field('address.country')).toHaveValue('CH')
    await shopper.fillAddress(person())
    await shopper.chooseHomeDelivery()
    const ways = page.getByRole('group', { name: say('checkout.payment.legend') }).getByRole('radio')
    await expect(ways).toHaveCount(1)
    await ways.check()
    await shopper.button('checkout.payment.continue').click()
    await shopper.order('order')
    await shopper.confirmed()
    await expect(main.getByText(/^CHF\s\d/).first()).toBeVisible()
    await expect(main.getByText('€')).toHaveCount(0)
  })
})

test('an order above what an invoice is for goes on in euros, with nothing lost', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  await page.goto('/en/products/avon-two-seater-sofa')
  await shopper.awake()
  await chooseFrancs(shopper)
  await expect(
    page
      .getByRole('main')
      .getByText(/^CHF\s\d/)
      .first(),
  ).toBeVisible()
  await page.getByRole('button', { name: say('common.more'), exact: true }).click()
  await shopper.addToCart()
  await shopper.goToCheckout()
  const buyer = person()
  await shopper.fillAddress(buyer)
  await shopper.chooseHomeDelivery()
  const words = (key: string) => say(key).replaceAll('{currency}', 'CHF').replaceAll('{other}', 'EUR')
  await expect(page.getByText(words('checkout.payment.noneTitle'))).toBeVisible()
  await expect(shopper.button('checkout.payment.continue')).toHaveCount(0)
  await page.getByRole('button', { name: words('checkout.payment.noneSwitch') }).click()
  // Delivery has another price now, and is chosen again.
  await expect(page).toHaveURL(/\/checkout\/delivery$/)
  await shopper.chooseHomeDelivery()
  await shopper.payByCard(cards.paid)
  await expect(page.getByRole('main').getByText(buyer.street).first()).toBeVisible()
  await shopper.order()
  await shopper.confirmed()
  await expect(page.getByRole('main').getByText(/^€\d/).first()).toBeVisible()
})
