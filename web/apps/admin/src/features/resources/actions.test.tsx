import { expect, it } from 'vitest'
import { show, textOf } from '../../../test/render'
import { Foreseen } from './actions'

const euro = (amount: number) => ({ amount, currency: 'EUR' })

it('shows each price as it is and as it will be, before anything changes', async () => {
  const items = [
    { id: 'prc_1', label: 'LAMP Lamp, Retail', before: euro(4999), after: euro(4499), note: '' },
    { id: 'prc_1', label: 'LAMP Lamp, Retail', before: euro(4500), after: euro(4050), note: 'from 10' },
  ]
  const text = textOf(await show('/r/prices', <Foreseen preview={{ items, seen: 'abc' }} />))
  expect(text).toContain('What Now Then')
  expect(text).toContain('LAMP Lamp, Retail €49.99 €44.99')
  expect(text).toContain('LAMP Lamp, Retail , from 10 €45.00 €40.50')
})
