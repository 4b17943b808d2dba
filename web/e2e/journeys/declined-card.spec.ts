import { expect, test } from '@playwright/test'
import { freshEmail, mailTo } from '../support/mail'
import { cards, Shopper } from '../support/shopper'

test('a declined card keeps everything but itself, and another one pays', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  const email = freshEmail('noor')
  await shopper.openInStock('table')
  await shopper.addToCart()
  await shopper.goToCheckout()
  await shopper.fillAddress({
    email,
    firstName: 'Noor',
    lastName: 'de Wit',
    street: 'Oudegracht 12',
    postalCode: '3511 AR',
    city: 'Utrecht',
    country: 'Netherlands',
  })
  await shopper.chooseHomeDelivery()

  await test.step('the bank says no', async () => {
    await shopper.payByCard(cards.declined)
    await shopper.order()
    await expect(
      page.getByRole('alert').filter({ hasText: say('checkout.payment.declinedTitle') }),
    ).toBeVisible()
    await expect(page).toHaveURL(/\/en\/checkout\/payment$/)
    await expect(shopper.field('checkout.payment.holder')).toHaveValue('Noor de Wit')
  })

  await test.step('nothing of the card is kept in the browser', async () => {
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    )
    expect(kept).not.toContain('4000')
    expect(kept).not.toContain('0002')
  })

  await test.step('another card pays the same order', async () => {
    await shopper.payByCard(cards.paid)
    await shopper.order()
    const number = await shopper.confirmed()
    await mailTo(email, number)
    await page.reload()
    await expect(shopper.heading('checkout.done.thanks')).toBeVisible()
    await page.goto('/en/cart')
    await expect(shopper.heading('cart.emptyTitle')).toBeVisible()
  })
})

test('the steps of the checkout cannot be skipped', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  await test.step('without a cart there is no checkout', async () => {
    await page.goto('/en/checkout/payment')
    await expect(page).toHaveURL(/\/en\/cart$/)
    await expect(shopper.heading('cart.emptyTitle')).toBeVisible()
  })
  await test.step('without an address there is no payment', async () => {
    await shopper.openInStock('lamp')
    await shopper.addToCart()
    await page.goto('/en/checkout/review')
    await expect(page).toHaveURL(/\/en\/checkout\/address$/)
    await shopper.button('checkout.address.continue').click()
    await expect(shopper.field('checkout.contact.email')).toBeFocused()
    await expect(shopper.field('checkout.contact.email')).toHaveAccessibleDescription(
      shopper.say('address.required'),
    )
    await shopper.field('address.country').selectOption('NL')
    await shopper.field('address.postal_code').fill('12345')
    await shopper.field('address.city').focus()
    await expect(shopper.field('address.postal_code')).toHaveAccessibleDescription(/1012 AB/)
  })
})
