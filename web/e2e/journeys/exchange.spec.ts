import { expect, test } from '@playwright/test'
import { guestWithGoods, startReturn } from '../support/desk'
import { pattern, wordsIn } from '../support/words'

test('a guest has a tumbler exchanged for another colour, and a clerk goes from the order to its return and back', async ({
  page,
  browser,
}) => {
  test.slow()
  const t = (key: string) => wordsIn('en')(`order.returns.${key}`)
  const { guest, shop, bought } = await guestWithGoods(page, browser, {
    quantity: 2,
    slug: 'nive-tumbler',
    sku: 'NIV-TUM-YEL',
  })
  const { number } = bought
  const main = page.getByRole('main')
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const returned = main.getByRole('link', { name: /^R-/ })

  await test.step('nothing came back of it', async () => {
    await page.goto(`/admin/orders?q=${number}`)
    await page.getByRole('link', { name: number }).click()
    await expect(page.getByRole('heading', { level: 1, name: number })).toBeVisible()
    await expect(main.getByRole('heading', { name: 'Documents' })).toBeVisible()
    await expect(returned).toHaveCount(0)
  })

  let wanted = ''
  await test.step('the shopper asks for one in another colour', async () => {
    await startReturn(shop, bought)
    await shop.getByRole('checkbox', { name: /Nive tumbler/ }).check()
    await shop.getByLabel(t('reason'), { exact: true }).selectOption('changed_mind')
    const instead = shop.getByLabel(t('instead'))
    wanted = (await instead.getByRole('option').nth(1).textContent())?.replace(/^Exchange for /, '') ?? ''
    expect(wanted).not.toBe('')
    await instead.selectOption({ index: 1 })
    await shop.getByRole('button', { name: t('send'), exact: true }).click()
    await expect(shop.getByText(t('state_requested'), { exact: true })).toBeVisible()
    await expect(shop.getByText(`in exchange for ${wanted}`)).toBeVisible()
  })

  await test.step('the order leads to the return, and the return to the order', async () => {
    await page.reload()
    const panel = main.locator('section').filter({ has: page.getByRole('heading', { name: 'Returns' }) })
    await expect(panel).toContainText(/Requested\s*Exchange/)
    await returned.click()
    await expect(page.getByRole('heading', { level: 1, name: /^R-/ })).toBeVisible()
    await main.getByRole('link', { name: number, exact: true }).click()
    await expect(page.getByRole('heading', { level: 1, name: number })).toBeVisible()
    await returned.click()
  })

  let replacement = ''
  await test.step('approved without a label, received as new, replaced', async () => {
    await expect(main.getByText(`for ${wanted}`)).toBeVisible()
    await main.getByRole('checkbox', { name: 'With a label from the carrier' }).uncheck()
    await button('Approve').click()
    await button('Book the receipt').click()
    await button('Send the replacement').click()
    await expect(page.getByText(/^Order \S+ brings the replacement\.$/)).toBeVisible()
    const link = main.getByRole('link', { name: /^S-/ }).filter({ hasNotText: number })
    replacement = (await link.textContent()) ?? ''
    await page.screenshot({ path: `${test.info().outputDir}/return.png`, fullPage: true })
    await link.click()
    await expect(page.getByRole('heading', { level: 1, name: replacement })).toBeVisible()
    await expect(main.getByRole('table', { name: 'Goods' })).toContainText(wanted)
    await expect(main.getByText('Confirmed', { exact: true }).first()).toBeVisible()
  })

  await test.step('the shopper sees which order brings it', async () => {
    await shop.reload()
    const card = shop.getByRole('listitem', { name: pattern(t('number')) })
    await expect(card).toContainText(t('replacement').replace('{number}', replacement))
    await expect(card).toContainText(t('moment_exchanged'))
  })
  await guest.close()
})
