import { expect, test } from '@playwright/test'
import { carrierSays, DELIVERED, guestWithGoods, startReturn } from '../support/desk'
import { freshEmail, linkIn, mailTo } from '../support/mail'
import { wordsIn } from '../support/words'

test('a guest returns one of two lamps with a photo, and has the label, the mails and the money', async ({
  page,
  browser,
}) => {
  test.slow()
  const email = freshEmail('rita')
  const t = (key: string) => wordsIn('en')(`order.returns.${key}`)
  const { guest, shop, bought } = await guestWithGoods(page, browser, { email })
  const { number } = bought
  const main = page.getByRole('main')
  const button = (name: string) => page.getByRole('button', { name, exact: true })

  await test.step('the shopper asks, with a photo', async () => {
    await startReturn(shop, bought)
    // Nothing chosen, then no reason: both are said.
    await shop.getByRole('button', { name: t('send'), exact: true }).click()
    await expect(shop.getByText(t('problem_nothing'))).toBeVisible()
    await shop.getByRole('checkbox', { name: /Nahe table lamp/ }).check()
    await shop.getByRole('button', { name: t('send'), exact: true }).click()
    await expect(shop.getByText(t('problem_reason'))).toBeVisible()
    await shop.getByLabel(t('reason'), { exact: true }).selectOption('damaged')
    await shop.getByLabel(t('note')).fill('There is a scratch on the base.')
    const photo = await shop.screenshot({ type: 'png', clip: { x: 0, y: 0, width: 600, height: 400 } })
    await shop
      .getByLabel(t('photos'))
      .setInputFiles({ name: 'scratch.png', mimeType: 'image/png', buffer: photo })
    await shop.screenshot({ path: `${test.info().outputDir}/form.png`, fullPage: true })
    await shop.getByRole('button', { name: t('send'), exact: true }).click()
    await expect(shop.getByText(t('state_requested'), { exact: true })).toBeVisible()
  })

  await test.step('a clerk looks at it and approves', async () => {
    await page.goto('/admin/returns')
    await page.getByRole('row').filter({ hasText: number }).getByRole('link', { name: /^R-/ }).click()
    await expect(main.getByText('There is a scratch on the base.')).toBeVisible()
    const picture = main.getByRole('img', { name: /from the buyer/ })
    await expect(picture).toBeVisible()
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100)
    await page.screenshot({ path: `${test.info().outputDir}/decide.png`, fullPage: true })
    await main.getByLabel(/To the buyer/).fill('Use the old box, please.')
    await button('Approve').click()
    await expect(main.getByRole('link', { name: 'Download the label' })).toBeVisible({ timeout: 60_000 })
  })

  await test.step('the label is in the mail and on the page', async () => {
    const mail = await mailTo(email, /is approved/)
    expect(mail.text).toContain('Use the old box, please.')
    await shop.goto(linkIn(mail, /\/orders\//))
    const label = shop.getByRole('link', { name: t('label'), exact: true })
    await expect(label).toBeVisible()
    const file = await shop.request.get((await label.getAttribute('href')) ?? '')
    expect(file.headers()['content-type']).toBe('application/pdf')
    expect((await file.body()).subarray(0, 5).toString()).toBe('%PDF-')
    // Nobody else may have it.
    const bare = await page.request.get(
      ((await label.getAttribute('href')) ?? '').replace(/token=[^&]*/, 'token=x'),
    )
    expect(bare.status()).toBe(404)
    await shop.setViewportSize({ width: 390, height: 844 })
    await shop.screenshot({ path: `${test.info().outputDir}/phone.png`, fullPage: true })
    await shop.setViewportSize({ width: 1280, height: 900 })
    await shop.screenshot({ path: `${test.info().outputDir}/desktop.png`, fullPage: true })
  })

  await test.step('the parcel arrives, and the shopper sees it', async () => {
    await carrierSays(page, (one) => one.order_number === number && one.is_return === true, DELIVERED)
    await expect(async () => {
      await shop.reload()
      await expect(shop.getByText(t('moment_arrived'))).toBeVisible({ timeout: 15_000 })
    }).toPass({ timeout: 120_000 })
  })

  await test.step('received with its condition, and refunded less something', async () => {
    await page.reload()
    await main.getByLabel(/^Condition of/).selectOption('damaged')
    await expect(main.getByLabel(/that go to stock$/)).toHaveValue('0')
    await page.screenshot({ path: `${test.info().outputDir}/receive.png`, fullPage: true })
    await button('Book the receipt').click()
    await expect(main.getByText('Received', { exact: true }).first()).toBeVisible()
    await main.getByLabel(/^Less, in EUR/).fill('5.00')
    await button('See what it comes to').click()
    await main.getByRole('button', { name: /^Refund €/ }).click()
    await expect(page.getByText('The refund is on its way.')).toBeVisible()
    await expect(main.getByText('Refunded', { exact: true }).first()).toBeVisible()
  })

  await test.step('the mails and the credit note', async () => {
    await mailTo(email, /has arrived/)
    const refund = await mailTo(email, /Your refund/)
    expect(refund.text).toMatch(/-€5\.00|−€5\.00|-5\.00/)
    await mailTo(email, /credit note/i)
    await expect(async () => {
      await shop.reload()
      await expect(shop.getByText(t('state_refunded'), { exact: true })).toBeVisible({ timeout: 15_000 })
      await expect(shop.getByText(/^Credit note /).first()).toBeVisible({ timeout: 15_000 })
      // The order says of each mail that it went out.
      await expect(shop.getByText(/E-mail sent: Your refund/)).toBeVisible({ timeout: 15_000 })
    }).toPass({ timeout: 120_000 })
  })
  await guest.close()
})
