import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'

// The demo's accounts; `make run` prints them.
const administrator = { email: 'admin@stoa.example', password: 'a key for every door' }

async function signIn(page: Page, { email, password }: { email: string; password: string }) {
  await page.goto('/admin/')
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function expectNoViolations(page: Page, where: string) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join('\n    ')}`)
  expect.soft(found, where).toEqual([])
}

test('a clerk finds a product with Ctrl-K, changes its text and sees who did it', async ({ page }) => {
  test.slow()
  await test.step('only the right password opens the back office', async () => {
    await signIn(page, { ...administrator, password: 'not this one at all' })
    await expect(page.getByRole('alert')).toContainText('not right')
    await expect(page.getByLabel('Email address')).toHaveValue(administrator.email)
    await signIn(page, administrator)
    await expect(page.getByRole('heading', { level: 1, name: 'Today' })).toBeVisible()
  })

  await test.step('a list says what it holds, and keeps its search in the address', async () => {
    await page
      .getByRole('navigation', { name: 'Back office' })
      .getByRole('link', { name: 'Products' })
      .click()
    await expect(page.getByRole('table', { name: 'Products' })).toBeVisible()
    await page.keyboard.press('/')
    await page.keyboard.type('isar')
    await expect(page).toHaveURL(/\/admin\/r\/products\?q=isar$/)
    await expect(page.getByRole('row').filter({ hasText: 'Isar chair' }).first()).toBeVisible()
    await expectNoViolations(page, 'a list')
  })

  const subtitle = page.getByRole('textbox', { name: 'Subtitle in English' })
  const saved = page.getByRole('region', { name: 'Messages' }).getByText('Saved.')
  const close = page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Close' })
  let before = ''

  await test.step('Ctrl-K finds the product from anywhere', async () => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type('isar chair')
    await expect(page.getByRole('option', { name: /^Isar chair/ }).first()).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { level: 1, name: 'Isar chair' })).toBeVisible()
    await expectNoViolations(page, 'a record')
  })

  await test.step('a change is saved, and the history tells of it', async () => {
    before = await subtitle.inputValue()
    await subtitle.fill('Bent by steam, glued by nobody')
    await page.keyboard.press('Control+s')
    await expect(saved).toBeVisible()
    await close.click()
    await page
      .getByRole('navigation', { name: 'Parts of this record' })
      .getByRole('link', { name: 'History' })
      .click()
    const newest = page.getByRole('main').getByRole('listitem').first()
    await expect(newest).toContainText('changed it')
    await expect(newest).toContainText('Subtitle')
    await expect(newest).toContainText('Bent by steam, glued by nobody')
  })

  await test.step('whoever saves what was changed meanwhile is shown both sides', async () => {
    await page.getByRole('link', { name: 'Details' }).click()
    await subtitle.fill('Mine')
    // In another window
    const other = await page.context().newPage()
    await other.goto(page.url())
    const theirs = other.getByRole('textbox', { name: 'Subtitle in English' })
    await theirs.fill('Theirs')
    await other.getByRole('button', { name: 'Save' }).click()
    await expect(other.getByText('Saved.')).toBeVisible()
    await other.close()
    await page.getByRole('button', { name: 'Save' }).click()
    const conflict = page.getByRole('alert').filter({ hasText: 'Somebody else saved this' })
    await expect(conflict.getByRole('radio', { name: /Yours.*Mine/ })).toBeVisible()
    await conflict.getByRole('radio', { name: /Theirs.*Theirs/ }).check()
    await conflict.getByRole('button', { name: 'Go on editing' }).click()
    await expect(subtitle).toHaveValue('Theirs')
  })

  await test.step('the shop gets its text back', async () => {
    await subtitle.fill(before)
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(saved).toBeVisible()
  })

  await test.step('signing out leaves nothing open', async () => {
    await page.getByRole('button', { name: /^Account of/ }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('heading', { name: 'Sign in to the back office' })).toBeVisible()
    expect((await page.request.get('/api/v1/admin/resources')).status()).toBe(401)
  })
})
