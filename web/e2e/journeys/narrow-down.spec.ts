import { expect, test } from '@playwright/test'
import { Shopper } from '../support/shopper'
import { pattern } from '../support/words'

test('a filter answers at once, and the products before stay until the new ones are there', async ({
  page,
}) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  await page.goto('/en/c/chairs')
  await shopper.awake()
  const main = page.getByRole('main')
  const products = main.getByRole('article')
  const before = await products.count()

  // The API takes its time.
  let answer = () => {}
  const slow = new Promise<void>((resolve) => {
    answer = resolve
  })
  await page.route(/\/api\/v1\/catalog\/listing\?.*colour/, async (route) => {
    await slow
    await route.continue()
  })
  const oak = main.getByRole('checkbox', { name: /^Oak/ }).first()
  await oak.click()
  const chosen = main.getByRole('list', { name: say('catalog.chosenFilters') })
  await expect(oak).toBeChecked()
  await expect(chosen.getByRole('button', { name: pattern(say('catalog.removeFilter')) })).toBeVisible()
  await expect(page).toHaveURL(/\?f=colour:oak$/)
  await expect(products).toHaveCount(before)
  answer()
  await expect(products).not.toHaveCount(before)
  const oaken = await products.count()

  await test.step('the way back and forward', async () => {
    await page.goBack()
    await expect(products).toHaveCount(before)
    await expect(oak).not.toBeChecked()
    await page.goForward()
    await expect(products).toHaveCount(oaken)
  })

  await test.step('the same address shows the same from the server', async () => {
    await page.reload()
    await expect(products).toHaveCount(oaken)
    await expect(oak).toBeChecked()
  })

  await test.step('another order', async () => {
    await shopper.awake()
    await main.getByLabel(say('catalog.sort'), { exact: true }).selectOption('price_asc')
    await expect(page).toHaveURL(/sort=price_asc/)
    await expect(main.getByLabel(say('catalog.sort'), { exact: true })).toHaveValue('price_asc')
    await chosen.getByRole('button', { name: pattern(say('catalog.removeFilter')) }).click()
    await expect(products).toHaveCount(before)
  })
})

test('a choice shows in the same moment, before anything was asked for, and the page stays where it is', async ({
  page,
}) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  await page.goto('/en/c/seating')
  await shopper.awake()
  // The filters come to life after the rest of the page: another choice, taken back, shows that they have.
  const another = page.locator('aside input[value="colour:walnut"]')
  await expect(async () => {
    await another.check({ timeout: 1000 })
    await expect(page).toHaveURL(/colour:walnut/, { timeout: 500 })
  }).toPass()
  await another.uncheck()
  await expect(page).toHaveURL(/\/en\/c\/seating$/)
  await expect(page.locator('#goods [aria-busy]').first()).toHaveAttribute('aria-busy', 'false')
  let asked = 0
  await page.route(/\/api\/v1\/catalog\/listing\?/, () => {
    // Never answered.
    asked++
  })
  await page.evaluate(() => {
    Object.assign(window, { same: true })
    scrollTo(0, 200)
  })
  const shown = await page.evaluate((list) => {
    const box = document.querySelector<HTMLInputElement>('aside input[value="colour:oak"]')
    const goods = () => document.querySelector('#goods [aria-busy]')?.getAttribute('aria-busy')
    const before = { busy: goods(), checked: box?.checked }
    box?.click()
    // Nothing can have come in between: this is what is drawn next.
    const chips = document.querySelector(`ul[aria-label="${list}"]`)?.textContent
    return { before, after: { busy: goods(), checked: box?.checked, chips, query: location.search } }
  }, say('catalog.chosenFilters'))
  expect(shown.before).toEqual({ busy: 'false', checked: false })
  expect(shown.after).toMatchObject({ busy: 'true', checked: true, query: '?f=colour:oak' })
  expect(shown.after.chips).toContain('Oak')
  await expect.poll(() => asked).toBe(1)
  expect(await page.evaluate(() => [scrollY, 'same' in window])).toEqual([200, true])
})

test('more of a list is still there after a product was looked at', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  await page.goto('/en/c/seating')
  await shopper.awake()
  const products = page.locator('#goods:visible article')
  const first = await products.count()
  await page
    .getByRole('main')
    .getByRole('link', { name: shopper.say('catalog.loadMore') })
    .click()
  await expect(products).not.toHaveCount(first)
  const all = await products.count()
  const last = products.last().getByRole('link')
  const name = (await last.textContent()) ?? ''
  await last.scrollIntoViewIfNeeded()
  await last.click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  await page.goBack()
  await expect(products).toHaveCount(all)
  await expect(products.last()).toBeInViewport()
})

test('a product shows its other side while the pointer is on it', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  await page.goto('/en/c/chairs')
  await shopper.awake()
  const card = page
    .getByRole('main')
    .getByRole('article')
    .filter({ has: page.locator('.hover-shows') })
    .first()
  const sides = () =>
    card.evaluate((element) =>
      ['.hover-fades', '.hover-shows'].map(
        (side) => getComputedStyle(element.querySelector(side) ?? element).opacity,
      ),
    )
  expect(await sides()).toEqual(['1', '0'])
  await card.hover()
  await expect.poll(sides).toEqual(['0', '1'])
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })
  test('filters and the order are one form', async ({ page }) => {
    const { say } = new Shopper(page, 'en')
    await page.goto('/en/c/chairs')
    const main = page.getByRole('main')
    await main.getByRole('checkbox', { name: /^Oak/ }).first().check()
    await main.getByLabel(say('catalog.sort'), { exact: true }).selectOption('price_desc')
    await main.getByRole('button', { name: say('catalog.applyFilters') }).click()
    await expect(page).toHaveURL(/f=colour(:|%3A)oak/)
    await expect(page).toHaveURL(/sort=price_desc/)
    await expect(main.getByLabel(say('catalog.sort'), { exact: true })).toHaveValue('price_desc')
    const prices = (await main.getByRole('article').allTextContents()).map((text) =>
      Number(/€([\d,.]+)/.exec(text)?.[1]?.replace(/,/g, '')),
    )
    expect(prices.length).toBeGreaterThan(1)
    expect(prices).toEqual([...prices].sort((a, b) => b - a))
  })
})

test('a search that finds nothing offers another word, the categories and what others choose', async ({
  page,
}) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  await page.goto('/en/search?q=qqxyzzy')
  const main = page.getByRole('main')
  await expect(main.getByRole('heading', { name: pattern(say('search.noneTitle')) })).toBeVisible()
  await expect(main.getByRole('region', { name: say('search.browse') }).getByRole('link')).not.toHaveCount(0)
  await expect(main.getByRole('region', { name: say('search.loved') }).getByRole('article')).not.toHaveCount(
    0,
  )
})

test('products that were looked at before are offered again, at the prices of now', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  const viewed = page.getByRole('region', { name: say('product.recentlyViewed') })
  const look = async (slug: string) => {
    await page.goto(`/en/products/${slug}`)
    await shopper.awake()
    await page.getByRole('contentinfo').scrollIntoViewIfNeeded()
  }
  await look('isar-chair')
  await expect(viewed).toHaveCount(0)
  await look('avon-two-seater-sofa')
  await expect(viewed.getByRole('link', { name: 'Isar chair' })).toBeVisible()
  await look('lek-cube-shelf')
  await expect(viewed.getByRole('heading', { level: 3 })).toHaveText(['Avon two-seater sofa', 'Isar chair'])

  // In another language under its other name; what is gone is left out.
  await page.evaluate(() => {
    const list = JSON.parse(localStorage.getItem('stoa_viewed') ?? '[]') as unknown[]
    localStorage.setItem(
      'stoa_viewed',
      JSON.stringify([{ id: 'gone', slugs: { de: 'gibt-es-nicht' } }, ...list]),
    )
  })
  await page.goto('/de/produkte/stuhl-isar')
  await new Shopper(page, 'de').awake()
  await page.getByRole('contentinfo').scrollIntoViewIfNeeded()
  const seen = page.getByRole('region', { name: new Shopper(page, 'de').say('product.recentlyViewed') })
  await expect(seen.getByRole('heading', { level: 3 })).toHaveText(['Würfelregal Lek', /Avon/])
})
