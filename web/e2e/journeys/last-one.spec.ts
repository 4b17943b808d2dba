import { expect, test } from '@playwright/test'
import { Shopper } from '../support/shopper'
import { pattern } from '../support/words'

type Product = { variants: { sku: string; stock: { state: string; quantity?: number } }[] }

test('the last one, held by my own checkout, is mine: back to the cart and on again', async ({
  page,
  browser,
}) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  const answer = await page.request.get('/api/v1/catalog/products/loire-medallion-chair?locale=en')
  const [variant] = ((await answer.json()) as Product).variants
  test.skip(variant?.stock.quantity !== 1, 'somebody has bought the last one of this shop')

  await page.goto('/en/products/loire-medallion-chair')
  await shopper.awake()
  await shopper.addToCart()
  await shopper.goToCheckout()

  await test.step('the cart still lets its owner go on', async () => {
    await page.getByRole('link', { name: say('checkout.toCart') }).click()
    await expect(page.getByRole('heading', { level: 1, name: say('cart.title') })).toBeVisible()
    const main = page.getByRole('main')
    await expect(main.getByRole('link', { name: 'Loire medallion chair' }).first()).toBeVisible()
    await expect(main.getByText(say('cart.issue.out_of_stock'))).toHaveCount(0)
    await expect(main.getByText(say('cart.issue.block'))).toHaveCount(0)
    await page.reload()
    await main.getByRole('link', { name: say('cart.checkout') }).click()
    await expect(shopper.heading('checkout.contact.title')).toBeVisible()
  })

  const left = async () => {
    const again = await page.request.get('/api/v1/catalog/products/loire-medallion-chair?locale=en')
    return ((await again.json()) as Product).variants[0]?.stock
  }
  await test.step('nobody else is offered it', async () => {
    await expect.poll(async () => (await left())?.state).toBe('sold_out')
  })

  await test.step('put back for something else, it can be had by somebody else', async () => {
    await page.goto('/en/products/nahe-table-lamp')
    await shopper.awake()
    await shopper.addToCart()
    const chair = shopper.drawer.getByRole('listitem').filter({ hasText: 'Loire medallion chair' })
    await chair.getByRole('button', { name: pattern(say('cart.removeOf')) }).click()
    await expect(chair).toHaveCount(0)
    await expect(shopper.drawer.getByRole('button', { name: pattern(say('cart.removeOf')) })).toHaveCount(1)
    // What the checkout holds is what the cart has in it then.
    await shopper.goToCheckout()
    await expect.poll(left).toMatchObject({ state: 'low_stock', quantity: 1 })
    const context = await browser.newContext()
    const other = new Shopper(await context.newPage(), 'en')
    await expect(async () => {
      await other.page.goto('/en/products/loire-medallion-chair')
      await other.awake()
      await expect(other.page.getByText('Only 1 left')).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 60_000 })
    await other.addToCart()
    await expect(other.drawer.getByRole('link', { name: 'Loire medallion chair' }).first()).toBeVisible()
    await context.close()
  })
})
