import { expect, test } from '@playwright/test'
import { buy, orderPage, signInAsClerk } from '../support/desk'
import { mailTo } from '../support/mail'
import { cards, Shopper } from '../support/shopper'
import { pattern } from '../support/words'

test('a guest sees on the page of a changed order what is left to pay, pays it there, and is asked no more', async ({
  page,
  browser,
}) => {
  test.slow()
  const guest = await browser.newContext()
  const shop = await guest.newPage()
  const shopper = new Shopper(shop, 'en')
  const { say } = shopper
  const bought = await buy(shop, { quantity: 1, slug: 'nive-tumbler', sku: 'NIV-TUM-YEL' })
  const payNow = shop.getByRole('link', { name: say('order.due.pay'), exact: true })
  const due = shop.getByRole('heading', { name: pattern(say('order.due.amount')) })

  await test.step('nothing is asked for what is paid', async () => {
    await shop.goto(orderPage(bought))
    await expect(shop.getByRole('heading', { name: say('order.lines') })).toBeVisible()
    await expect(payNow).toHaveCount(0)
  })

  await test.step('a clerk adds one', async () => {
    await signInAsClerk(page)
    await page.goto(`/admin/orders?q=${bought.number}`)
    await page.getByRole('link', { name: bought.number }).click()
    await page.getByRole('button', { name: 'Change the order', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(/^Units of/).fill('2')
    await dialog.getByRole('button', { name: 'See what it does' }).click()
    await expect(dialog.getByText('The buyer has to pay')).toBeVisible()
    await dialog.getByRole('button', { name: 'Change it like this' }).click()
    await expect(page.getByText('The order is changed.')).toBeVisible()
    await mailTo(bought.email, /\/pay\?token=/)
  })

  await test.step('the order page says so, and leads to the payment', async () => {
    await shop.goto(orderPage(bought))
    await expect(due).toHaveText(/^€[1-9]/)
    await shop.screenshot({ path: `${test.info().outputDir}/due.png`, fullPage: true })
    await payNow.click()
    await expect(shopper.heading('checkout.pay.title')).toBeVisible()
  })

  await test.step('a declined card costs nothing, another one pays', async () => {
    const pay = shop.getByRole('button', { name: pattern(say('checkout.pay.submit')) })
    await shop.getByRole('radio', { name: new RegExp(`^${say('checkout.payment.card')}`) }).check()
    await shopper.field('checkout.payment.number').fill(cards.declined)
    await shopper.field('checkout.payment.expiry').fill('05 / 31')
    await shopper.field('checkout.payment.cvv').fill('123')
    await shopper.field('checkout.payment.holder').fill('Dora Desk')
    await pay.click()
    await expect(shop.getByText(say('checkout.payment.declinedTitle'))).toBeVisible()
    await shopper.field('checkout.payment.number').fill(cards.paid)
    await pay.click()
    await expect(shopper.heading('checkout.pay.doneTitle')).toBeVisible()
  })

  await test.step('nothing is left', async () => {
    await shop.getByRole('link', { name: say('checkout.pay.order'), exact: true }).click()
    await expect(shop.getByRole('heading', { name: say('order.lines') })).toBeVisible()
    await expect(payNow).toHaveCount(0)
    await page.reload()
    await expect(page.getByText('To be collected')).toHaveCount(0)
  })
  await guest.close()
})
