import { expect, type Locator, type Page } from '@playwright/test'
import { linkIn, mailTo } from './mail'
import { type Language, pattern, wordsIn } from './words'

export type Person = {
  email: string
  firstName: string
  lastName: string
  street: string
  postalCode: string
  city: string
  country: string
}

export const cards = {
  paid: '4111111111111111',
  secure: '4000012892688323',
  declined: '4000000000000002',
}

/** What a person does in the shop, found by what a person sees: roles and labels in the shop's own words. */
export class Shopper {
  readonly say: (key: string) => string

  constructor(
    readonly page: Page,
    readonly language: Language,
  ) {
    this.say = wordsIn(language)
  }

  button(key: string, within: Page | Locator = this.page): Locator {
    return within.getByRole('button', { name: pattern(this.say(key)) })
  }
  field(key: string, within: Page | Locator = this.page): Locator {
    return within.getByLabel(this.say(key), { exact: true })
  }
  heading(key: string): Locator {
    return this.page.getByRole('heading', { name: pattern(this.say(key)) })
  }

  /** Waits until the page has come to life, so that a press is not lost on a page that cannot answer yet. */
  async awake() {
    await expect(this.page.getByRole('region', { name: this.say('common.notifications') })).toBeAttached()
    await this.page.waitForFunction(() => {
      const main = document.querySelector('main')
      return main !== null && Object.keys(main).some((key) => key.startsWith('__react'))
    })
  }

  async search(words: string) {
    const { page, say } = this
    await page.goto(`/${this.language}`)
    await this.awake()
    const box = page.getByRole('combobox', { name: say('shell.search') }).or(page.getByRole('searchbox'))
    if (!(await box.first().isVisible())) {
      await page
        .getByRole('banner')
        .getByRole('link', { name: say('shell.search'), exact: true })
        .click()
    }
    await box.first().fill(words)
    await box.first().press('Enter')
    await expect(
      page.getByRole('heading', { level: 1, name: pattern(say('search.resultsFor')) }),
    ).toBeVisible()
  }

  /** Opens the first product that this search finds and that can be had now. */
  async openInStock(words: string) {
    const { page, say } = this
    await this.search(words)
    const results = page.getByRole('main').getByRole('article')
    for (let index = 0; ; index++) {
      const link = results.nth(index).getByRole('link')
      const name = (await link.textContent()) ?? ''
      await link.click()
      await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
      await this.awake()
      if (await page.getByText(say('product.stock.in_stock'), { exact: true }).isVisible()) return
      await page.goBack()
      await expect(results.first()).toBeVisible()
    }
  }

  /** Registers, follows the link of the mail, and is signed in. */
  async signUp(email: string, firstName: string, lastName: string) {
    const { page, language } = this
    await page.goto(`/${language}/register`)
    await this.awake()
    await this.field('address.first_name').fill(firstName)
    await this.field('address.last_name').fill(lastName)
    await this.field('account.email').fill(email)
    await this.field('account.password').fill('walnut river lantern 7')
    await this.button('account.register.submit').click()
    await expect(this.heading('account.register.sentTitle')).toBeVisible()
    await page.goto(linkIn(await mailTo(email, /account\/verify/), /\/account\/verify$/))
    await expect(this.heading('account.verify.doneTitle')).toBeVisible()
  }

  /** The open cart drawer. */
  get drawer(): Locator {
    return this.page.getByRole('dialog', { name: new RegExp(this.say('cart.title')) })
  }

  async addToCart() {
    const add = this.page
      .getByRole('main')
      .getByRole('button', { name: this.say('product.addToCart'), exact: true })
    await add.first().click()
    await expect(this.drawer).toBeVisible()
    await expect(this.drawer.getByRole('listitem').first()).toBeVisible()
  }

  async goToCheckout() {
    await this.drawer.getByRole('link', { name: this.say('cart.checkout') }).click()
    await expect(this.heading('checkout.contact.title')).toBeVisible()
  }

  async fillAddress(person: Person) {
    await this.field('checkout.contact.email').fill(person.email)
    await this.field('address.country').selectOption({ label: person.country })
    await this.field('address.first_name').fill(person.firstName)
    await this.field('address.last_name').fill(person.lastName)
    await this.field('address.line1').fill(person.street)
    await this.field('address.postal_code').fill(person.postalCode)
    await this.field('address.city').fill(person.city)
    await this.button('checkout.address.continue').click()
    await expect(this.heading('checkout.delivery.title')).toBeVisible()
  }

  private get deliveries(): Locator {
    return this.page.getByRole('group', { name: this.say('checkout.delivery.legend') })
  }

  async chooseServicePoint(look?: () => Promise<void>): Promise<string> {
    // Whichever way of delivery brings a list of pick-up points with it.
    const points = this.page.getByRole('group', { name: this.say('checkout.delivery.points') })
    const ways = this.deliveries.locator('input[name="delivery"]')
    await expect(ways.first()).toBeVisible()
    const near = this.page.getByLabel(this.say('checkout.delivery.pointsNear'))
    for (let index = 0; index < (await ways.count()) && !(await near.isVisible()); index++)
      await ways.nth(index).check()
    await expect(points).toBeVisible()
    await look?.()
    const first = points.getByRole('radio').first()
    await first.check()
    const label = await points.getByRole('listitem').first().locator('label .font-medium').textContent()
    await this.button('checkout.delivery.continue').click()
    await expect(this.heading('checkout.payment.title')).toBeVisible()
    return (label ?? '').replace(/^\d+\.\s*/, '').trim()
  }

  async chooseHomeDelivery() {
    await this.deliveries.getByRole('radio').first().check()
    await this.button('checkout.delivery.continue').click()
    await expect(this.heading('checkout.payment.title')).toBeVisible()
  }

  async payByCard(number: string) {
    const { page, say } = this
    await page
      .getByRole('group', { name: say('checkout.payment.legend') })
      .getByRole('radio', { name: new RegExp(`^${say('checkout.payment.card')}`) })
      .check()
    await this.field('checkout.payment.number').fill(number)
    await this.field('checkout.payment.expiry').fill('05 / 31')
    await this.field('checkout.payment.cvv').fill('123')
    await this.button('checkout.payment.continue').click()
    await expect(this.heading('checkout.review.title')).toBeVisible()
  }

  /** Not all ways of payment are paid at once, and the button says so. */
  async order(button: 'pay' | 'order' = 'pay') {
    await this.page.getByRole('checkbox', { name: pattern(this.say('checkout.review.terms')) }).check()
    await this.button(`checkout.review.${button}`).click()
  }

  /** The confirmation page; returns the number of the order. */
  async confirmed(): Promise<string> {
    await expect(this.heading('checkout.done.thanks')).toBeVisible({ timeout: 30_000 })
    const line = await this.page
      .getByText(pattern(this.say('checkout.done.number')))
      .first()
      .textContent()
    const number = /\S+$/.exec((line ?? '').trim())?.[0]
    if (!number) throw new Error(`No order number in "${line}"`)
    return number
  }
}
