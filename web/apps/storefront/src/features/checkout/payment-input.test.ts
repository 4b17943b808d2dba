import { expect, it } from 'vitest'
import { checkPayment } from './payment-input'
import type { PaymentDraft } from './store'

const today = new Date('2026-11-28T12:00:00Z')
const draft = (more: Partial<PaymentDraft>): PaymentDraft => ({
  choice: 'card',
  number: '4111 1111 1111 1111',
  expiry: '05 / 31',
  cvv: '123',
  holder: 'Ada Lovelace',
  saveCard: false,
  iban: '',
  accountHolder: '',
  ...more,
})

it('lets a whole card pass', () => {
  expect(checkPayment(draft({}), today)).toEqual({})
})

it('asks for what was left empty, instead of calling it wrong', () => {
  expect(checkPayment(draft({ number: '', expiry: ' ', cvv: '', holder: '' }), today)).toEqual({
    number: 'required',
    expiry: 'required',
    cvv: 'required',
    holder: 'required',
  })
  expect(checkPayment(draft({ choice: 'sepa' }), today)).toEqual({
    iban: 'required',
    accountHolder: 'required',
  })
})

it('says what is wrong with what was typed', () => {
  expect(checkPayment(draft({ number: '4111', expiry: '13 / 31', cvv: '12' }), today)).toEqual({
    number: 'numberBad',
    expiry: 'expiryBad',
    cvv: 'cvvBad',
  })
  expect(checkPayment(draft({ expiry: '10 / 26' }), today)).toEqual({ expiry: 'expired' })
})
