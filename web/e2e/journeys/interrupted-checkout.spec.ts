import { expect, type Page, test } from '@playwright/test'
import { freshEmail } from '../support/mail'
import { Shopper } from '../support/shopper'

const problem = (pointer: string, code: string) => ({
  status: 422,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    type: 'urn:stoa:problem:http.invalid_fields',
    title: 'Unprocessable Content',
    status: 422,
    code: 'http.invalid_fields',
    errors: [{ pointer, code, message: 'Not this one.' }],
  }),
})

/** A lamp in the cart, by the API that the storefront uses. */
async function withLamp(page: Page) {
  await page.goto('/en/faq')
  const status = await page.evaluate(async () => {
    const product = await (await fetch('/api/v1/catalog/products/nahe-table-lamp?locale=en')).json()
    const answer = await fetch('/api/v1/cart/lines', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
      body: JSON.stringify({ variant_id: product.variants[0].id, quantity: 1 }),
    })
    return answer.status
  })
  expect(status).toBe(201)
}

const ada = (email: string) => ({
  email,
  firstName: 'Ada',
  lastName: 'Lovelace',
  street: 'Torstr. 1',
  postalCode: '10115',
  city: 'Berlin',
  country: 'Germany',
})

test('what the shop refuses in the address is said at its field', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  await withLamp(page)
  await page.goto('/en/checkout/address')
  const email = shopper.field('checkout.contact.email')
  const submit = shopper.button('checkout.address.continue')

  await test.step('an address of mail that no mail can be sent to', async () => {
    await email.fill('anna..m@example.com')
    await submit.click()
    await expect(email).toBeFocused()
    await expect(email).toHaveAccessibleDescription(say('address.emailBad'))
  })

  await test.step('one that only the shop knows to be wrong', async () => {
    await page.route('**/api/v1/checkout/contact', (route) =>
      route.fulfill(problem('/email', 'email_invalid')),
    )
    const { firstName, lastName, street, postalCode, city } = ada('')
    await email.fill('ada@example.com')
    await shopper.field('address.first_name').fill(firstName)
    await shopper.field('address.last_name').fill(lastName)
    await shopper.field('address.line1').fill(street)
    await shopper.field('address.postal_code').fill(postalCode)
    await shopper.field('address.city').fill(city)
    await submit.click()
    await expect(email).toBeFocused()
    await expect(email).toHaveAccessibleDescription(say('address.emailBad'))
    await page.unroute('**/api/v1/checkout/contact')
  })

  await test.step('another one goes on, and the usual delivery is chosen', async () => {
    await email.fill(freshEmail('ada'))
    await submit.click()
    await expect(shopper.heading('checkout.delivery.title')).toBeVisible()
    await expect(page.getByRole('radio', { checked: true })).toHaveCount(1)
  })
})

test('without a connection the button says so, and works again with one', async ({ page, context }) => {
  const shopper = new Shopper(page, 'en')
  await withLamp(page)
  await page.goto('/en/checkout/address')
  await shopper.fillAddress(ada(freshEmail('ada')))
  await context.setOffline(true)
  await shopper.button('checkout.delivery.continue').click()
  await expect(page.getByText(shopper.say('errors.unreachable'))).toBeVisible()
  await context.setOffline(false)
  await shopper.button('checkout.delivery.continue').click()
  await expect(shopper.heading('checkout.payment.title')).toBeVisible()
})

test('who is no longer signed in is told so, and finds everything again', async ({ page, context }) => {
  const shopper = new Shopper(page, 'en')
  const { say } = shopper
  const email = freshEmail('ada')
  await shopper.signUp(email, 'Ada', 'Lovelace')
  await withLamp(page)
  await page.goto('/en/checkout/address')
  await expect(shopper.field('checkout.contact.email')).toHaveValue(email)
  await context.clearCookies({ name: /session/ })
  const { street, postalCode, city } = ada(email)
  await shopper.field('address.first_name').fill('Ada')
  await shopper.field('address.last_name').fill('Lovelace')
  await shopper.field('address.line1').fill(street)
  await shopper.field('address.postal_code').fill(postalCode)
  await shopper.field('address.city').fill(city)
  await shopper.button('checkout.address.continue').click()
  await expect(page.getByText(say('checkout.signedOut.title'))).toBeVisible()
  await page.getByRole('link', { name: say('checkout.signedOut.action'), exact: true }).click()
  await shopper.field('account.email').fill(email)
  await shopper.field('account.password').fill('walnut river lantern 7')
  await shopper.button('account.login.submit').click()
  await expect(page).toHaveURL(/\/en\/checkout/)
  await expect(shopper.heading('checkout.contact.title')).toBeVisible()
})

test('a saved address that can no longer be used shows what to mend', async ({ page }) => {
  const shopper = new Shopper(page, 'en')
  await shopper.signUp(freshEmail('ada'), 'Ada', 'Lovelace')
  await withLamp(page)
  const saved = await page.evaluate(async () => {
    const answer = await fetch('/api/v1/account/addresses', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
      body: JSON.stringify({
        first_name: 'Ada',
        last_name: 'Lovelace',
        line1: 'Torstr. 1',
        postal_code: '10115',
        city: 'Berlin',
        country: 'DE',
        is_default: true,
      }),
    })
    return answer.status
  })
  expect(saved).toBe(201)
  await page.route('**/api/v1/checkout/address', (route) =>
    route.fulfill(problem('/shipping/postal_code', 'postal_code_invalid')),
  )
  await page.goto('/en/checkout/address')
  await expect(shopper.field('address.postal_code')).toBeHidden()
  await shopper.button('checkout.address.continue').click()
  await expect(shopper.field('address.postal_code')).toBeFocused()
  await expect(shopper.field('address.postal_code')).toHaveValue('10115')
})
