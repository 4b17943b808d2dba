import { expect, type Page, test } from '@playwright/test'
import { freshEmail } from '../support/mail'
import { cards, Shopper } from '../support/shopper'

// The narrowest phones, and a window of 1280 pixels at a zoom of 400 %; and the usual ones.
const widths = [390, 320]
test.use({ viewport: { width: 320, height: 640 } })

/** What of this page reaches beyond the edge of a narrow screen. Ends at the narrowest. */
async function tooWide(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: 640 })
    const needed = await page.evaluate(() => document.documentElement.scrollWidth)
    if (needed > width) found.push(`${page.url()} at ${width}: ${needed}`)
  }
  return found
}

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
  '/en/search?q=qqxyzzy',
  '/en/stories',
  '/en/p/about',
  '/en/cart',
  '/en/login',
  '/en/register',
  '/en/account/forgot',
  '/en/none-such',
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
      wide.push(...(await tooWide(page)))
    }
    expect(wide).toEqual([])
  })
}

/** Words that go on in the next line without a hyphen, because their column is too narrow for them. */
const brokenWords = (page: Page) =>
  page.getByRole('contentinfo').evaluate((footer) => {
    const found: string[] = []
    const texts = document.createTreeWalker(footer, NodeFilter.SHOW_TEXT)
    for (let node = texts.nextNode(); node; node = texts.nextNode())
      for (const word of node.textContent?.matchAll(/\p{L}+/gu) ?? []) {
        const range = document.createRange()
        range.setStart(node, word.index)
        range.setEnd(node, word.index + word[0].length)
        if (range.getClientRects().length > 1) found.push(word[0])
      }
    return found
  })

test('the columns of the footer are wide enough for German words', async ({ page }) => {
  await page.goto('/de')
  for (const width of [320, 390, 768, 1024, 1440]) {
    await page.setViewportSize({ width, height: 640 })
    expect(await brokenWords(page), `at ${width}`).toEqual([])
  }
})

test('the cart comes in at the edge of the window, and the page behind it stays where it is', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1280, height: 720 })
  const shopper = new Shopper(page, 'en')
  await page.goto('/en/products/isar-chair')
  await shopper.awake()
  const heading = page.getByRole('heading', { level: 1 })
  const before = await heading.boundingBox()
  await shopper.addToCart()
  await expect
    .poll(() => shopper.drawer.evaluate((panel) => innerWidth - panel.getBoundingClientRect().right))
    .toBe(0)
  expect((await heading.boundingBox())?.x).toBe(before?.x)
})

test('nor is any of the checkout and the account, in the language of long words', async ({ page }) => {
  const shopper = new Shopper(page, 'de')
  const { say } = shopper
  const wide: string[] = []
  const measure = async () => {
    wide.push(...(await tooWide(page)))
  }
  const email = freshEmail('wilhelmine')
  await shopper.signUp(email, 'Wilhelmine', 'Schönberg-Hohenstein')
  await page.goto('/de/produkte/stuhl-isar')
  await shopper.awake()
  await shopper.addToCart()
  await measure()
  await page.goto('/de/cart')
  await expect(shopper.button('cart.removeOf')).toBeVisible()
  await measure()
  await page
    .getByRole('main')
    .getByRole('link', { name: say('cart.checkout') })
    .first()
    .click()
  await expect(shopper.heading('checkout.contact.title')).toBeVisible()
  await measure()
  await shopper.fillAddress({
    email,
    firstName: 'Wilhelmine',
    lastName: 'Schönberg-Hohenstein',
    street: 'Friedrich-Wilhelm-Straße 123 b',
    postalCode: '10119',
    city: 'Berlin',
    country: 'Deutschland',
  })
  await shopper.chooseServicePoint(measure)
  await page
    .getByRole('group', { name: say('checkout.payment.legend') })
    .getByRole('radio')
    .first()
    .check()
  await measure()
  await shopper.payByCard(cards.paid)
  await measure()
  await shopper.order()
  const number = await shopper.confirmed()
  await measure()
  for (const part of [
    '',
    '/orders',
    `/orders/${number}`,
    '/addresses',
    '/wishlist',
    '/reviews',
    '/cards',
    '/security',
    '/privacy',
  ]) {
    await page.goto(`/de/account${part}`)
    await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.getByRole('main').getByRole('status')).toHaveCount(0)
    await measure()
  }
  expect(wide).toEqual([])
})

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

/** What is pressed on this page, or on the panel above it, and is smaller than a fingertip. Words within a sentence may be. */
const tooSmall = (page: Page) =>
  page.evaluate(() => {
    const least = 43.5
    const found: string[] = []
    const root = document.querySelector('dialog[open]') ?? document.body
    for (const control of root.querySelectorAll<HTMLElement>(
      'a[href], button, summary, select, input:not([type="hidden"])',
    )) {
      if (!control.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
      const pressed =
        (control.matches('[type="checkbox"], [type="radio"]') && control.closest('label')) || control
      const box = pressed.getBoundingClientRect()
      const reach = getComputedStyle(pressed, '::after')
      const extra = (side: 'width' | 'height') =>
        reach.position === 'absolute' ? Number.parseFloat(reach[side]) || 0 : 0
      const width = Math.max(box.width, extra('width'))
      const height = Math.max(box.height, extra('height'))
      const hidden = box.width < 2 || box.bottom < 0
      const inSentence =
        getComputedStyle(control).display === 'inline' &&
        (control.parentElement?.textContent ?? '').trim().length >
          (control.textContent ?? '').trim().length + 3
      if (!hidden && !inSentence && (width < least || height < least))
        found.push(
          `${control.tagName} "${(control.getAttribute('aria-label') ?? control.textContent ?? '').trim().slice(0, 40)}" ${Math.round(width)} x ${Math.round(height)}`,
        )
    }
    return found
  })

test.describe('under a finger', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } })
  test('nothing to press is smaller than its tip', async ({ page }) => {
    const shopper = new Shopper(page, 'en')
    const { say } = shopper
    const look = async (where: string) => expect.soft(await tooSmall(page), where).toEqual([])
    for (const address of [
      '/en',
      '/en/search?q=chiar',
      '/en/faq',
      '/en/login',
      '/en/register',
      '/en/none-such',
    ]) {
      await page.goto(address)
      await expect(page.getByRole('main')).toBeVisible()
      await look(address)
    }
    await page.goto('/en/c/seating?f=colour:oak')
    await shopper.awake()
    await look('list')
    await shopper.button('catalog.filtersWithCount').click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await look('filters')
    await page.goto('/en/products/isar-chair')
    await shopper.awake()
    await look('product')
    await shopper.addToCart()
    await look('drawer')
    await page.goto('/en/cart')
    await expect(shopper.button('cart.removeOf')).toBeVisible()
    await look('cart')
    await page.goto('/en/checkout')
    await expect(shopper.heading('checkout.contact.title')).toBeVisible()
    await look('address')
    await shopper.fillAddress({
      email: freshEmail('thumb'),
      firstName: 'Tom',
      lastName: 'Thumb',
      street: 'Torstr. 1',
      postalCode: '10115',
      city: 'Berlin',
      country: 'Germany',
    })
    await look('delivery')
    await shopper.chooseHomeDelivery()
    await page.getByText(say('checkout.credits.open'), { exact: true }).click()
    await look('payment')
    await shopper.payByCard(cards.paid)
    await look('review')
  })
})

test('who is at the first of many lines of the cart has the way to the checkout in sight', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 640 })
  const shopper = new Shopper(page, 'en')
  for (const slug of ['isar-chair', 'lek-cube-shelf', 'sieg-stacking-chair', 'traun-bentwood-chair']) {
    await page.goto(`/en/products/${slug}`)
    await shopper.awake()
    await shopper.addToCart()
  }
  await page.goto('/en/cart')
  const ways = page.getByRole('main').getByRole('link', { name: shopper.say('cart.checkout') })
  await expect(ways).toHaveCount(2)
  await expect(ways.last()).toBeInViewport()
  // Where the totals are, nothing says it twice.
  await ways.first().scrollIntoViewIfNeeded()
  await expect(ways).toHaveCount(1)
  await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }))
  await ways.last().click()
  await expect(shopper.heading('checkout.contact.title')).toBeVisible()
})
