import { expect, test } from '@playwright/test'
import { Shopper } from '../support/shopper'

// The narrowest phones, and a window of 1280 pixels at a zoom of 400 %.
test.use({ viewport: { width: 320, height: 640 } })

const pages = [
  '/en',
  '/en/c/chairs',
  '/en/c/seating',
  '/en/products/isar-chair',
  '/en/products/avon-two-seater-sofa',
  '/en/collections/oak',
  '/en/search?q=oak',
  '/en/faq',
  '/en/stories/oak-takes-its-time',
  '/en/p/about',
  '/en/cart',
  '/en/login',
  '/en/register',
]

for (const language of ['en', 'de', 'nl', 'fr'] as const) {
  test(`no page is wider than the narrowest screen (${language})`, async ({ page }) => {
    const wide: string[] = []
    for (const english of pages) {
      await page.goto(english)
      const other = page.locator(`link[rel="alternate"][hreflang="${language}"]`)
      if (language !== 'en') {
        const address =
          (await other.count()) > 0
            ? new URL((await other.getAttribute('href')) ?? '').pathname
            : english.replace('/en', `/${language}`)
        await page.goto(address + new URL(english, 'http://x').search)
      }
      await expect(page.getByRole('main')).toBeVisible()
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      if (width > 320) wide.push(`${page.url()}: ${width}`)
    }
    expect(wide).toEqual([])
  })
}

test('the buy bar shows when the button is above the window, and only then', async ({ page }) => {
  const shopper = new Shopper(page, 'de')
  await page.goto('/de/produkte/stuhl-isar')
  await shopper.awake()
  const buttons = page
    .getByRole('main')
    .getByRole('button', { name: shopper.say('product.addToCart'), exact: true })
  await expect(buttons).toHaveCount(1)
  await page.keyboard.press('End')
  await expect(buttons).toHaveCount(2)
  await expect(buttons.last()).toBeInViewport()
  // From the end to the start in one jump, past the button.
  await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }))
  await expect(buttons).toHaveCount(1)
})
