import { expect, type Page, test } from '@playwright/test'
import { freshEmail } from '../support/mail'
import { cards, Shopper } from '../support/shopper'

test('an account keeps the cart and the wishes, buys, and says how it likes what it bought', async ({
  page,
}) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  const email = freshEmail('mira')
  const write = (name: string) => say('account.reviews.writeOf').replace('{name}', name)
  await shopper.signUp(email, 'Mira', 'Lindqvist')

  await test.step('a heart on a product', async () => {
    await page.goto('/en/products/traun-bentwood-chair')
    await shopper.awake()
    const heart = page
      .getByRole('main')
      .getByRole('button', { name: say('product.wishlistAdd'), exact: true })
    await expect(heart).toHaveAttribute('aria-pressed', 'false')
    await heart.click()
    await expect(heart).toHaveAttribute('aria-pressed', 'true')
    await page.goto('/en/account/wishlist')
    await expect(page.getByRole('main').getByRole('link', { name: 'Traun bentwood chair' })).toBeVisible()
  })

  await test.step('a cart that was filled as a guest joins the one of the account', async () => {
    await page.goto('/en/products/isar-chair')
    await shopper.awake()
    await shopper.addToCart()
    await page.goto('/en/account')
    await page
      .getByRole('navigation', { name: say('account.nav.label') })
      .getByRole('button', { name: say('account.nav.logout') })
      .click()
    await expect
      .poll(
        async () =>
          ((await (await page.request.get('/api/v1/session')).json()) as { customer?: unknown }).customer ??
          null,
      )
      .toBeNull()
    await page.goto('/en/cart')
    await expect(shopper.heading('cart.emptyTitle')).toBeVisible()
    await page.goto('/en/products/nahe-table-lamp')
    await shopper.awake()
    await shopper.addToCart()
    await page.goto('/en/login')
    await shopper.awake()
    await shopper.field('account.email').fill(email)
    await shopper.field('account.password').fill('walnut river lantern 7')
    await page
      .getByRole('main')
      .getByRole('button', { name: say('account.login.submit'), exact: true })
      .click()
    await expect(page).toHaveURL(/\/en\/account$/)
    await page.goto('/en/cart')
    const main = page.getByRole('main')
    await expect(main.getByRole('link', { name: 'Nahe table lamp' }).first()).toBeVisible()
    await expect(main.getByRole('link', { name: 'Isar chair' }).first()).toBeVisible()
  })

  await test.step('buy, which asks for no address of the mail again', async () => {
    await page
      .getByRole('main')
      .getByRole('link', { name: say('cart.checkout') })
      .click()
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.getByText(email).or(shopper.field('checkout.contact.email')).first()).toBeVisible()
    const contact = shopper.field('checkout.contact.email')
    if (await contact.isVisible()) await expect(contact).toHaveValue(email)
    await shopper.fillAddress({
      email,
      firstName: 'Mira',
      lastName: 'Lindqvist',
      street: 'Damrak 1',
      postalCode: '1012 LG',
      city: 'Amsterdam',
      country: 'Netherlands',
    })
    await shopper.chooseHomeDelivery()
    await shopper.payByCard(cards.paid)
    await shopper.order()
    await shopper.confirmed()
  })

  await test.step('who has bought may write a review, once for each piece', async () => {
    const dialogOf = (tab: Page) => tab.getByRole('dialog', { name: write('Isar chair') })
    const dialog = dialogOf(page)
    const send = dialog.getByRole('button', { name: say('account.reviews.submit') })
    const rate = async (tab: Page) => {
      await tab.getByRole('button', { name: write('Isar chair'), exact: true }).click()
      // The star lies over its button; a press on either chooses it.
      await dialogOf(tab).getByRole('radio', { name: /^4 / }).check({ force: true })
      await shopper.field('account.reviews.headline', dialogOf(tab)).fill('Four around the table')
      await shopper
        .field('account.reviews.body', dialogOf(tab))
        .fill('None of them wobbles, and the guests stay.')
      await dialogOf(tab)
        .getByRole('button', { name: say('account.reviews.submit') })
        .click()
    }
    await page.goto('/en/account/reviews')
    const stale = await page.context().newPage()
    await stale.goto('/en/account/reviews')
    await expect(stale.getByRole('button', { name: write('Isar chair'), exact: true })).toBeVisible()
    await page.getByRole('button', { name: write('Isar chair'), exact: true }).click()
    await send.click()
    await expect(dialog.getByText(say('account.reviews.ratingRequired'))).toBeVisible()
    await expect(dialog.getByText(say('address.required'))).toHaveCount(2)
    await page.keyboard.press('Escape')
    await rate(page)
    await expect(page.getByText(say('account.reviews.thanks'))).toBeVisible()
    await expect(page.getByText(say('account.reviews.state.approved'), { exact: true })).toBeVisible()
    await expect(page.getByRole('button', { name: write('Isar chair'), exact: true })).toHaveCount(0)
    await expect(page.getByRole('button', { name: write('Nahe table lamp'), exact: true })).toBeVisible()
    await rate(stale)
    await expect(dialogOf(stale).getByText(say('errors.reviewExists'))).toBeVisible()
    await stale.close()
    await page.reload()
    await expect(page.getByText(say('account.reviews.state.approved'), { exact: true })).toBeVisible()
    await expect(page.getByRole('button', { name: write('Isar chair'), exact: true })).toHaveCount(0)
  })
})
