import { expect, test } from '@playwright/test'
import { pattern, wordsIn } from '../support/words'

test.use({ javaScriptEnabled: false })

for (const language of ['en', 'de'] as const) {
  test(`find a product and add it to the cart without JavaScript (${language})`, async ({
    page,
    request,
  }) => {
    const say = wordsIn(language)
    await page.goto(`/${language}`)
    const box = page
      .getByRole('search')
      .getByRole('textbox')
      .or(page.getByRole('combobox', { name: say('shell.search') }))
    await box.first().fill(language === 'de' ? 'Leuchte' : 'lamp')
    await box.first().press('Enter')
    await expect(
      page.getByRole('heading', { level: 1, name: pattern(say('search.resultsFor')) }),
    ).toBeVisible()
    await page.getByRole('main').getByRole('article').first().getByRole('link').click()
    const name = (await page.getByRole('heading', { level: 1 }).textContent()) ?? ''
    await page
      .getByRole('main')
      .getByRole('button', { name: say('product.addToCart') })
      .first()
      .click()
    await expect(page).toHaveURL(new RegExp(`/${language}/cart$`))
    await expect(page.getByText(pattern(say('cart.noScriptTitle')))).toBeVisible()

    const cookies = (await page.context().cookies())
      .map(({ name: key, value }) => `${key}=${value}`)
      .join('; ')
    const answer = await request.get('/api/v1/cart', { headers: { cookie: cookies } })
    const cart = (await answer.json()) as { locale: string; lines: { name: string; quantity: number }[] }
    expect(cart.lines).toMatchObject([{ name, quantity: 1 }])
    expect(cart.locale).toBe(language)
  })
}
