import { expect, test } from '@playwright/test'
import { freshEmail, linkIn, mailTo, sandboxUrl } from '../support/mail'
import { cards, type Person, Shopper } from '../support/shopper'
import { pattern } from '../support/words'

const journeys = [
  {
    name: 'in English on a desktop',
    language: 'en' as const,
    viewport: { width: 1440, height: 900 },
    phone: false,
    search: 'chair',
    colour: 'Walnut',
    person: {
      firstName: 'Emma',
      lastName: 'Whitfield',
      street: 'Damrak 70',
      postalCode: '1012 LM',
      city: 'Amsterdam',
      country: 'Netherlands',
    },
  },
  {
    name: 'in German on a phone',
    language: 'de' as const,
    viewport: { width: 390, height: 844 },
    phone: true,
    search: 'Stuhl',
    colour: 'Nussbaum',
    person: {
      firstName: 'Jonas',
      lastName: 'Krämer',
      street: 'Torstraße 140',
      postalCode: '10119',
      city: 'Berlin',
      country: 'Deutschland',
    },
  },
]

for (const { name, language, viewport, phone, search, colour, person } of journeys) {
  test.describe(name, () => {
    test.use({ viewport, isMobile: phone, hasTouch: phone, locale: language })

    test(`search, buy as a guest with a bank's check, claim the order with an account (${name})`, async ({
      page,
    }) => {
      const shopper = new Shopper(page, language)
      const { say } = shopper
      const buyer: Person = { ...person, email: freshEmail(person.firstName.toLowerCase()) }

      await test.step('find a product', async () => {
        await shopper.search(search)
        if (phone) await page.getByRole('button', { name: new RegExp(`^${say('catalog.filters')}`) }).click()
        await page
          .getByRole('checkbox', { name: new RegExp(`^${colour}`) })
          .first()
          .check()
        if (phone) await page.getByRole('dialog').getByRole('button', { name: /\d/ }).last().click()
        await expect(page).toHaveURL(/f=colou?r/)
      })

      await test.step('choose a variant and take two', async () => {
        // Earlier buyers may have left too few of the first one.
        const results = page.getByRole('main').getByRole('article')
        for (let index = 0; ; index++) {
          await results.nth(index).getByRole('link').click()
          await expect(page).toHaveURL(/\/(products|produkte)\//)
          await shopper.awake()
          const wanted = page.getByRole('radio', { name: colour, exact: true })
          if ((await wanted.count()) > 0) {
            await wanted.click()
            await expect(wanted).toBeChecked()
            if (await page.getByText(say('product.stock.in_stock'), { exact: true }).isVisible()) break
          }
          await page.goBack()
          await expect(results.first()).toBeVisible()
        }
        await page.getByRole('button', { name: say('common.more'), exact: true }).click()
        await expect(page.getByRole('textbox', { name: say('common.quantity') })).toHaveValue('2')
        await shopper.addToCart()
        await expect(shopper.drawer.getByRole('textbox').first()).toHaveValue('2')
        await expect(shopper.drawer.getByText(colour).first()).toBeVisible()
      })

      await test.step('use a promotion code', async () => {
        await shopper.drawer.getByText(say('cart.code.open')).click()
        const code = shopper.field('cart.code.label', shopper.drawer)
        // A mistyped one is said to be unknown, and stays there to be corrected.
        await code.fill('welcome1')
        await shopper.button('cart.code.apply', shopper.drawer).click()
        await expect(code).toHaveAccessibleDescription(say('errors.codeUnknown'))
        await code.press('End')
        await code.pressSequentially('0')
        await expect(code).toHaveValue('welcome10')
        await shopper.button('cart.code.apply', shopper.drawer).click()
        await expect(shopper.button('cart.code.remove', shopper.drawer)).toBeVisible()
        await expect(shopper.drawer.getByText(/^−/).first()).toBeVisible()
      })

      let point = ''
      await test.step('check out as a guest with a pick-up point', async () => {
        await shopper.goToCheckout()
        // Marketing is a wish of its own: nobody has it by ordering.
        const news = page.getByRole('checkbox', { name: say('checkout.contact.news') })
        await expect(news).not.toBeChecked()
        await news.check()
        await shopper.fillAddress(buyer)
        const { contact } = await (await page.request.get('/api/v1/checkout')).json()
        expect(contact).toMatchObject({ email: buyer.email, accepts_marketing: true })
        point = await shopper.chooseServicePoint()
        await shopper.payByCard(cards.secure)
        await expect(page.getByText(point).first()).toBeVisible()
        await shopper.order()
      })

      let number = ''
      await test.step('confirm at the bank', async () => {
        await page.getByRole('button', { name: 'I accept' }).click()
        number = await shopper.confirmed()
        await expect(page.getByText(buyer.email)).toBeVisible()
        await expect(page.getByRole('link', { name: say('checkout.toCart') })).toBeHidden()
        await expect(page.getByText(point).first()).toBeVisible()
      })

      await test.step('find the mail in the inbox', async () => {
        const mail = await mailTo(buyer.email, number)
        await page.goto(`${sandboxUrl}/mail`)
        await expect(page.getByText(mail.subject).first()).toBeVisible()
        await page.goto(linkIn(mail, new RegExp(`/${language}/orders/`)))
        await expect(page.getByRole('heading', { level: 1, name: number })).toBeVisible()
      })

      await test.step('claim the order with an account', async () => {
        await shopper.signUp(buyer.email, buyer.firstName, buyer.lastName)
        await page.getByRole('link', { name: say('account.verify.toAccount') }).click()
        await page
          .getByRole('navigation', { name: say('account.nav.label') })
          .getByRole('link', { name: say('account.nav.orders') })
          .click()
        // The page before this one shows the order too, and is kept, hidden.
        await expect(page.getByRole('heading', { level: 1, name: say('account.nav.orders') })).toBeVisible()
        await page.getByRole('link', { name: pattern(say('account.orders.number')) }).click()
        await expect(page.getByRole('heading', { level: 1, name: number })).toBeVisible()
        await expect(page.getByRole('listitem').filter({ hasText: colour }).first()).toBeVisible()
      })
    })
  })
}
