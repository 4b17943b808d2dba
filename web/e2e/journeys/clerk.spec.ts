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

test('the back office speaks as a merchant does, on a tablet as well', async ({ page }) => {
  test.slow()
  await page.setViewportSize({ width: 820, height: 1100 })
  await signIn(page, administrator)
  await expect(page.getByRole('heading', { level: 1, name: 'Today' })).toBeVisible()

  await test.step('no list is wider than a tablet held upright', async () => {
    const wide: string[] = []
    for (const list of [
      'products',
      'variants',
      'part_numbers',
      'reviews',
      'orders',
      'prices',
      'promotions',
    ]) {
      await page.goto(`/admin/r/${list}`)
      await expect(page.getByRole('table').or(page.getByText('None yet'))).toBeVisible()
      const beyond = await page
        .getByRole('main')
        .locator('.panel')
        .first()
        .evaluate((panel) => panel.scrollWidth - panel.clientWidth)
      if (beyond > 1) wide.push(`${list}: ${beyond}`)
    }
    expect(wide).toEqual([])
    await page.goto('/admin/r/products')
    await expect(page.getByRole('columnheader', { name: 'Handle' })).toHaveCount(0)
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('button', { name: 'Handle' }).click()
    await expect(page.getByRole('columnheader', { name: 'Handle' })).toBeVisible()
  })

  await test.step('a rate is in per cent, of a country', async () => {
    await page.goto('/admin/r/tax_rates?filter[country]=DE')
    await expect(page.getByRole('row').filter({ hasText: 'Germany' }).first()).toContainText(/\d %/)
  })

  await test.step('a company is found by who buys for it, and named, not numbered', async () => {
    await page.goto('/admin/r/price_lists')
    await page.getByRole('link', { name: 'eur-hotel' }).click()
    const company = page.getByLabel(/^Company/)
    await expect(company).toHaveValue(/^Company …\w{6}$/)
    const before = await company.inputValue()
    await page.getByRole('button', { name: 'Take Company away' }).click()
    await company.fill('buyer@stoa')
    await page.keyboard.press('Enter')
    await page.getByLabel('The buyer').selectOption({ label: 'Bente Buyer, buyer@stoa.example' })
    await page.getByRole('button', { name: 'Take their company' }).click()
    await expect(company).toHaveValue(before)
    await expect(page.getByText('Not saved yet')).toBeHidden()
    await expectNoViolations(page, 'a price list')
  })

  await test.step('the rules of a promotion are a form', async () => {
    const name = `Journey ${Date.now()}`
    await page.goto('/admin/r/promotions/new')
    await page.getByLabel(/^Name/).first().fill(name)
    await page.getByLabel(/^Kind/).selectOption({ label: 'Per cent off' })
    // Nobody gets it: it is of a group without members.
    await page.getByLabel(/^Customer groups/).fill('journey')
    await page.keyboard.press('Enter')
    const share = page.getByLabel('Per cent off')
    await share.fill('12.5')
    await page.getByLabel('From this spend on, EUR').fill('a lot')
    await page.getByRole('button', { name: 'Create' }).click()
    await expect(page.getByText('Not saved', { exact: true })).toBeVisible()
    await page.getByLabel('From this spend on, EUR').fill('1,250.50')
    await page.getByRole('button', { name: 'Create' }).click()
    // Nobody is asked whether to leave what was just saved.
    await expect(page).toHaveURL(/\/promotions\/promo_\w+$/)
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    await page.reload()
    await expect(share).toHaveValue('12.5')
    await expect(page.getByLabel('From this spend on, EUR')).toHaveValue('1250.50')
    await expectNoViolations(page, 'a promotion')
    await page.getByLabel('Enabled').uncheck()
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('Saved.')).toBeVisible()
  })

  await test.step('what a role may do is a form, and where it ends an amount', async () => {
    const code = `journey_${Date.now()}`
    await page.goto('/admin/r/roles/new')
    await page.getByLabel(/^Code/).first().fill(code)
    await page.getByLabel(/^Name/).first().fill(`Journey ${code}`)
    await page.getByLabel('Products: Change', { exact: true }).check()
    // Whoever changes something may look at it.
    await expect(page.getByLabel('Products: Look')).toBeChecked()
    await page.getByLabel('Orders: Refund').check()
    const limit = page.getByLabel('Refund up to, EUR')
    await limit.fill('a lot')
    await page.getByRole('button', { name: 'Create' }).click()
    await expect(page.getByText('Not saved', { exact: true })).toBeVisible()
    await limit.fill('150')
    await page.getByRole('button', { name: 'Create' }).click()
    await expect(page).toHaveURL(new RegExp(`/roles/${code}$`))
    await page.reload()
    await expect(limit).toHaveValue('150.00')
    await expect(page.getByLabel('Orders: Refund')).toBeChecked()
    await expect(page.getByLabel('Orders: Pack and ship')).not.toBeChecked()
    await expectNoViolations(page, 'a role')
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await expect(page).toHaveURL(/\/r\/roles$/)
  })

  await test.step('the conditions of a collection read as sentences', async () => {
    await page.goto('/admin/r/collections?q=oak')
    await page.getByRole('link', { name: 'All in oak' }).click()
    const condition = page.getByRole('group', { name: 'Condition 1' })
    await expect(condition.getByLabel('Property')).toHaveValue(/^attribute:/)
    await expect(condition.getByRole('listitem').first()).toHaveText(/^[A-Z][a-z ]+$/)
    // What is chosen by hand is not asked for while the rule chooses.
    await expect(page.getByLabel('Products', { exact: true })).toHaveCount(0)
    await page.getByRole('button', { name: 'Add a condition' }).click()
    const more = page.getByRole('group', { name: 'Condition 2' })
    await more.getByLabel('Property').selectOption({ label: 'Published lately' })
    await more.getByLabel('Days').fill('30')
    await expectNoViolations(page, 'a collection')
    await page.getByRole('button', { name: 'Discard' }).click()
    await expect(more).toHaveCount(0)
  })

  await test.step('a product shows of each attribute the one control it has', async () => {
    await page.goto('/admin/r/products?q=isar%20chair')
    await page.getByRole('link', { name: 'Isar chair', exact: true }).first().click()
    const attributes = page
      .getByRole('region')
      .or(page.locator('section'))
      .filter({
        has: page.getByRole('heading', { name: 'Attributes' }),
      })
    await expect(attributes.getByText('Material', { exact: true }).first()).toBeVisible()
    await expect(page.getByRole('combobox', { name: /Colour/ }).first()).toBeVisible()
    await expectNoViolations(page, 'a product')
  })

  await test.step('the rules of returns have a page', async () => {
    await page.goto('/admin/returns')
    await page.getByRole('link', { name: 'Rules' }).click()
    const days = page.getByLabel('Days after the delivery')
    const before = await days.inputValue()
    await days.fill('soon')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('The days should be a whole number')).toBeVisible()
    await days.fill('13')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('Not saved', { exact: true })).toBeVisible()
    await days.fill(before)
    await expectNoViolations(page, 'the rules of returns')
  })

  await test.step('whose session it is, is said', async () => {
    await page.goto('/admin/account')
    await expect(
      page.getByRole('list', { name: 'Where you are signed in' }).getByText('This one'),
    ).toBeVisible()
  })
})

test('a clerk makes a passkey, signs in with it alone, and does without it again', async ({ page }) => {
  const clerk = { email: 'clerk@stoa.example', password: 'a desk for all orders' }
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const today = page.getByRole('heading', { level: 1, name: 'Today' })
  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const signOut = async () => {
    await button(/^Account of/).click()
    // The menu's, not one of the list of devices.
    await button('Sign out').first().click()
    await expect(page.getByRole('heading', { name: 'Sign in to the back office' })).toBeVisible()
  }
  const name = `Key ${Date.now()}`

  await test.step('made under a name of its own, after the password', async () => {
    await signIn(page, clerk)
    await expect(today).toBeVisible()
    await page.goto('/admin/account')
    await button('Add a passkey').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill(name)
    await dialog.getByLabel('Your password').fill('not this one at all')
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await expect(dialog.getByText('This is not your password.')).toBeVisible()
    await dialog.getByLabel('Your password').fill(clerk.password)
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await expect(page.getByText('From now on it signs you in.')).toBeVisible()
    await expect(page.getByRole('listitem').filter({ hasText: name })).toContainText('never used')
    await expectNoViolations(page, 'the account')
    const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId })
    expect(credentials).toHaveLength(1)
    expect(credentials[0]?.isResidentCredential).toBe(true)
    expect(credentials[0]?.rpId).toBe(new URL(page.url()).hostname)
  })

  await test.step('it opens the back office without address, password and code', async () => {
    await signOut()
    await expectNoViolations(page, 'signing in')
    await button('Use a passkey').click()
    await expect(today).toBeVisible()
    await page.goto('/admin/account')
    await expect(page.getByRole('listitem').filter({ hasText: name })).toContainText('last used')
  })

  await test.step('nothing happens without the person', async () => {
    await signOut()
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await button('Use a passkey').click()
    await expect(button('Use a passkey')).not.toHaveAttribute('aria-busy', 'true')
    await expect(today).toBeHidden()
    expect((await page.request.get('/api/v1/admin/session')).status()).toBe(401)
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    await button('Use a passkey').click()
    await expect(today).toBeVisible()
  })

  await test.step('the key of the second factor is a picture to scan, and text', async () => {
    await page.goto('/admin/account')
    await button('Turn it on').first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Your password').fill(clerk.password)
    await dialog.getByRole('button', { name: 'Continue' }).click()
    const picture = dialog.getByRole('img', { name: 'The key as a QR code' })
    await expect(picture).toBeVisible()
    expect((await picture.boundingBox())?.width).toBeGreaterThan(150)
    await expect(dialog.locator('code')).toHaveText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
    await expectNoViolations(page, 'the second factor')
    await page.keyboard.press('Escape')
  })

  await test.step('removed, it opens nothing any more', async () => {
    await button(`Remove the passkey ${name}`).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Your password').fill(clerk.password)
    await dialog.getByRole('button', { name: 'Remove it' }).click()
    await expect(page.getByRole('listitem').filter({ hasText: name })).toHaveCount(0)
    await signOut()
    await button('Use a passkey').click()
    await expect(page.getByRole('alert')).toContainText('does not open the back office')
  })
})
