import { expect, it } from 'vitest'
import { renderWords } from '../../../../test/render'
import { CreditHint } from './cart-credit'

const euro = (amount: number) => ({ amount, currency: 'EUR' })

it('says how much store credit there is, and where it comes in', () => {
  expect(renderWords('en', <CreditHint available={euro(2_550)} />)).toBe(
    'You have €25.50 of store credit. Use it, or a gift card, at the payment step.',
  )
  expect(renderWords('de', <CreditHint available={euro(2_550)} />)).toMatch(/^Sie haben 25,50.€ Guthaben\./)
})

it('says of gift cards where they come in when there is no credit', () => {
  const words = 'Gift cards and store credit come at the payment step.'
  expect(renderWords('en', <CreditHint available={undefined} />)).toBe(words)
  expect(renderWords('en', <CreditHint available={euro(0)} />)).toBe(words)
})
