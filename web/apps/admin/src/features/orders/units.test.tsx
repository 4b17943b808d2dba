import { expect, it } from 'vitest'
import { show, startFake, textOf } from '../../../test/render'
import type { OrderMoney } from '../../api/orders'
import { SumBox, UnitFields } from './units'

const euro = (amount: number) => ({ amount, currency: 'EUR' })
const line = (line_id: string, quantity: number, refunded: number): OrderMoney['lines'][number] => ({
  line_id,
  sku: line_id,
  name: 'Oak chair',
  options_text: line_id,
  quantity,
  shipped: 0,
  refunded,
  left: euro(0),
})

it('asks for units of each line, and of none that has none left', async () => {
  startFake()
  const html = await show(
    '/',
    <UnitFields
      lines={[line('oak', 3, 1), line('ash', 2, 2)]}
      typed={{ oak: '5' }}
      errors={{ oak: 'At most 2.' }}
      placeholder={() => '0'}
      left={({ quantity, refunded }) => quantity - refunded}
      onType={() => undefined}
    />,
  )
  expect(textOf(html)).toBe('Units Oak chair oak At most 2. of 2 Oak chair ash of 0')
  expect(html).toMatch(/aria-label="Units of Oak chair oak"[^>]*aria-invalid="true"[^>]*value="5"/)
  expect(html).toMatch(/aria-label="Units of Oak chair ash"[^>]*disabled=""/)
})

it('says what a sum is made of, without what is nothing', async () => {
  startFake()
  const html = await show(
    '/',
    <SumBox
      label="Refund"
      total={euro(9_900)}
      parts={[
        { key: 'tax', label: 'Tax in it', value: euro(1_580) },
        { key: 'credit', label: 'As store credit', value: euro(0) },
      ]}
      notes={[{ key: '1', text: 'Shipment 1 is packed anew' }]}
    />,
  )
  expect(textOf(html)).toBe('Refund €99.00 Tax in it €15.80 Shipment 1 is packed anew')
})
