import { expect, type Page, test } from '@playwright/test'
import { adminApi, stranger } from '../support/api'
import { Authenticator, codeOf } from '../support/authenticator'
import { freshEmail } from '../support/mail'

const first = 'given by somebody else'
const password = 'known to one person only'

/** A clerk of the test's own: whoever has a second factor cannot be signed in by other tests. */
async function newClerk(): Promise<string> {
  const email = freshEmail('clerk')
  const browser = await stranger()
  const call = adminApi(browser)
  await call('POST', '/session', { email: 'admin@stoa.example', password: 'a key for every door' })
  await call('POST', '/resources/staff', { email, name: 'Tove Two', roles: ['clerk'], password: first })
  await browser.dispose()
  return email
}

test('a clerk turns the second factor on, signs in with its codes, and with a recovery code once', async ({
  page,
}) => {
  // The way the codes are made is the standard's: RFC 6238, appendix B, its last six digits.
  expect(codeOf('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', Math.floor(1_111_111_109 / 30))).toBe('081804')

  const email = await newClerk()
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
  const today = page.getByRole('heading', { level: 1, name: 'Today' })
  const oneMore = page.getByRole('heading', { level: 1, name: 'One more step' })
  const code = page.getByRole('textbox', { name: 'Code' })
  const give = async (text: string) => {
    await code.fill(text)
    await button('Continue').click()
  }
  const signIn = async (secret: string) => {
    await page.goto('/admin/')
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password').fill(secret)
    await button('Sign in').click()
  }
  const signOut = async () => {
    await button(/^Account of/).click()
    await button('Sign out').first().click()
    await expect(page.getByRole('heading', { name: 'Sign in to the back office' })).toBeVisible()
  }

  await test.step('the first password is changed before anything is shown', async () => {
    await signIn(first)
    await page.getByLabel('Present password').fill(first)
    await page.getByLabel('New password').fill(password)
    await button('Set the password').click()
    await expect(today).toBeVisible()
  })

  let app = new Authenticator('')
  const recovery: string[] = []
  await test.step('turned on with the key on the page, and its first code', async () => {
    await page.goto('/admin/account')
    await button('Turn it on').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Your password').fill(password)
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await expect(dialog.getByRole('img', { name: 'The key as a QR code' })).toBeVisible()
    app = new Authenticator((await dialog.locator('code').textContent()) ?? '')
    await dialog.getByRole('textbox', { name: 'Code' }).fill(app.next())
    await dialog.getByRole('button', { name: 'Turn it on' }).click()
    await expect(dialog.getByText('The second factor is on')).toBeVisible()
    recovery.push(...(await dialog.getByRole('listitem').allTextContents()))
    expect(recovery).toHaveLength(10)
    expect(new Set(recovery).size).toBe(10)
    await dialog.getByRole('button', { name: 'I have kept them' }).click()
    await expect(page.getByText('10 recovery codes are left.')).toBeVisible()
  })

  await test.step('the password alone opens nothing, and neither does a wrong code', async () => {
    await signOut()
    await signIn(password)
    await expect(oneMore).toBeVisible()
    await expectNothingOpen(page)
    await give(app.wrong())
    await expect(page.getByText('This code is not right, or no longer.')).toBeVisible()
    await expectNothingOpen(page)
  })

  await test.step('the code that the app shows does', async () => {
    await give(app.next())
    await expect(today).toBeVisible()
    expect((await page.request.get('/api/v1/admin/orders')).status()).toBe(200)
  })

  const [spent = ''] = recovery
  await test.step('without the app, a recovery code opens, in small letters as well', async () => {
    await signOut()
    await signIn(password)
    await expect(oneMore).toBeVisible()
    await give(spent.toLowerCase())
    await expect(today).toBeVisible()
    await page.goto('/admin/account')
    await expect(page.getByText('9 recovery codes are left.')).toBeVisible()
  })

  await test.step('but once', async () => {
    await signOut()
    await signIn(password)
    await expect(oneMore).toBeVisible()
    await give(spent)
    await expect(page.getByText('This code is not right, or no longer.')).toBeVisible()
    await expectNothingOpen(page)
  })
})

/** Half a sign-in is none. */
async function expectNothingOpen(page: Page) {
  for (const path of ['orders', 'resources', 'home'])
    expect((await page.request.get(`/api/v1/admin/${path}`)).status(), path).toBe(401)
}
