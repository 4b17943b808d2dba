import type { Checkout } from '@stoa/api-client'
import { beforeEach, describe, expect, it } from 'vitest'
import { checkPayment, toPayment } from './payment-input'
import { mayVisit, openStep } from './steps'
import { useCheckoutStore } from './store'

const store = () => useCheckoutStore.getState()
beforeEach(() => store().forget())

describe('the key of a press', () => {
  it('stays while its outcome is unknown, and only for the same order', () => {
    const first = store().keyFor('{"total":1}')
    expect(first.length).toBeGreaterThanOrEqual(8)
    expect(store().keyFor('{"total":1}')).toBe(first)
    expect(store().keyFor('{"total":2}')).not.toBe(first)
  })
  it('is a new one after the answer has come, also when it was no', () => {
    const first = store().keyFor('same')
    store().settled()
    const second = store().keyFor('same')
    expect(second).not.toBe(first)
    store().declined('payments.declined_by_bank')
    expect(store().keyFor('same')).not.toBe(second)
  })
})

describe('what is typed for the payment', () => {
  const card = {
    choice: 'card',
    number: '4111 1111 1111 1111',
    expiry: '05 / 31',
    cvv: '123',
    holder: ' Ada ',
  }
  it('must be checked again after every change', () => {
    store().edit(card)
    store().choose()
    expect(store().chosen).toBe(true)
    store().edit({ cvv: '124' })
    expect(store().chosen).toBe(false)
  })
  it('stays after a decline, apart from having to be looked at again', () => {
    store().edit(card)
    store().choose()
    store().declined('payments.declined_funds')
    expect(store()).toMatchObject({ chosen: false, decline: 'payments.declined_funds' })
    expect(store().draft.number).toBe(card.number)
  })
  it('is forgotten with the order', () => {
    store().edit(card)
    store().forget()
    expect(store().draft.number).toBe('')
  })
  it('starts with the payer and an offer, and overwrites neither', () => {
    store().prepare(['card', 'sepa'], 'Ada Lovelace')
    expect(store().draft).toMatchObject({ choice: 'card', holder: 'Ada Lovelace' })
    store().edit({ choice: 'sepa', holder: 'Someone Else' })
    store().prepare(['card', 'sepa'], 'Ada Lovelace')
    expect(store().draft).toMatchObject({ choice: 'sepa', holder: 'Someone Else' })
    store().prepare(['card'], 'Ada Lovelace')
    expect(store().draft.choice).toBe('card')
  })
  it('names every field that is not right', () => {
    const today = new Date(2026, 10, 22)
    store().edit({ ...card, number: '4111', expiry: '01 / 20', cvv: '1', holder: '' })
    expect(checkPayment(store().draft, today)).toEqual({
      number: 'numberBad',
      expiry: 'expired',
      cvv: 'cvvBad',
      holder: 'required',
    })
    store().edit(card)
    expect(checkPayment(store().draft, today)).toEqual({})
  })
  it('is sent as the API takes it', () => {
    store().edit(card)
    expect(toPayment(store().draft, true)).toEqual({
      method: 'card',
      card: {
        number: '4111111111111111',
        expiry_month: '05',
        expiry_year: '2031',
        cvv: '123',
        holder: 'Ada',
      },
    })
    expect(toPayment({ ...store().draft, saveCard: true }, false)).toMatchObject({ save_card: true })
    expect(toPayment({ ...store().draft, choice: 'stored:pm_1' }, false)).toEqual({
      method: 'stored_card',
      stored_card_id: 'pm_1',
    })
    expect(
      toPayment({ ...store().draft, choice: 'sepa', iban: 'DE89 3704', accountHolder: 'Ada ' }, true),
    ).toEqual({ method: 'sepa', iban: 'DE893704', account_holder: 'Ada' })
    expect(toPayment({ ...store().draft, choice: undefined }, true)).toBeUndefined()
  })
})

describe('the steps', () => {
  const at = (contact: boolean, address: boolean, shipping: boolean) =>
    ({ steps: { contact, address, shipping } }) as Checkout
  it('open one after the other', () => {
    expect(openStep(at(false, false, false), false)).toBe('address')
    expect(openStep(at(true, false, true), true)).toBe('address')
    expect(openStep(at(true, true, false), true)).toBe('delivery')
    expect(openStep(at(true, true, true), false)).toBe('payment')
    expect(openStep(at(true, true, true), true)).toBe('review')
  })
  it('let one go back, and not ahead', () => {
    expect(mayVisit('address', 'payment')).toBe(true)
    expect(mayVisit('payment', 'payment')).toBe(true)
    expect(mayVisit('review', 'payment')).toBe(false)
  })
})
