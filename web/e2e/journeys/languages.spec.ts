import { expect, test } from '@playwright/test'
import { Shopper } from '../support/shopper'

test('another language keeps the page, the chosen variant and the cart', async ({ page }) => {
  const english = new Shopper(page, 'en')
  const german = new Shopper(page, 'de')
  await page.goto('/en/products/isar-chair?colour=walnut')
  await english.awake()
  await expect(page.getByRole('radio', { name: 'Walnut' })).toBeChecked()
  await english.addToCart()
  await page.keyboard.press('Escape')

  const speak = async (from: Shopper, language: string) => {
    await page
      .getByRole('banner')
      .getByRole('button', { name: new RegExp(`^${from.say('shell.preferences')}`) })
      .click()
    const dialog = page.getByRole('dialog', { name: from.say('shell.preferences') })
    await dialog.getByLabel(from.say('shell.language')).selectOption({ label: language })
    await dialog.getByRole('button', { name: from.say('common.save') }).click()
  }

  await test.step('the product under its German name', async () => {
    await speak(english, 'Deutsch')
    await expect(page).toHaveURL(/\/de\/produkte\/stuhl-isar\?colour=walnut$/)
    await expect(page.getByRole('heading', { level: 1, name: 'Stuhl Isar' })).toBeVisible()
    await expect(page.getByRole('radio', { name: 'Nussbaum' })).toBeChecked()
    await expect(page.getByRole('button', { name: german.say('product.addToCart') }).first()).toBeVisible()
  })

  await test.step('the cart in German', async () => {
    await page.goto('/de/cart')
    await expect(page.getByRole('main').getByRole('link', { name: 'Stuhl Isar' }).first()).toBeVisible()
    await expect(page.getByRole('main').getByText('Nussbaum')).toBeVisible()
  })

  await test.step('a listing keeps its filters', async () => {
    await page.goto('/de/c/stuehle?f=colour:oak')
    await german.awake()
    await speak(german, 'English')
    await expect(page).toHaveURL(/\/en\/c\/chairs\?f=colour:oak$/)
    await expect(page.getByRole('heading', { level: 1, name: 'Chairs' })).toBeVisible()
    await expect(page.getByRole('checkbox', { name: /^Oak/ }).first()).toBeChecked()
  })
})

test('the foot leads to the same page in another language, also for who comes by keyboard', async ({
  page,
}) => {
  await page.goto('/en/products/isar-chair?colour=walnut')
  await new Shopper(page, 'en').awake()
  await page.getByRole('contentinfo').getByRole('link', { name: 'Deutsch', exact: true }).click()
  await expect(page).toHaveURL(/\/de\/produkte\/stuhl-isar\?colour=walnut$/)
  await new Shopper(page, 'de').awake()
  await page.getByRole('contentinfo').getByRole('link', { name: 'English', exact: true }).focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/en\/products\/isar-chair\?colour=walnut$/)
})

test('the foot of each page names the country of the shop in its language', async ({ page }) => {
  for (const [language, country] of [
    ['en', 'Netherlands'],
    ['de', 'Niederlande'],
    ['nl', 'Nederland'],
    ['fr', 'Pays-Bas'],
  ] as const) {
    await page.goto(`/${language}`)
    await expect(page.getByRole('contentinfo')).toContainText(`Eindhoven, ${country}`)
  }
})

test('the shop greets in the language of the browser', async ({ browser }) => {
  for (const [locale, path] of [
    ['de-AT', '/de'],
    ['nl', '/nl'],
    ['pt', '/en'],
  ] as const) {
    const context = await browser.newContext({ locale })
    const page = await context.newPage()
    await page.goto('/')
    await expect(page).toHaveURL(new RegExp(`${path}$`))
    await context.close()
  }
})
