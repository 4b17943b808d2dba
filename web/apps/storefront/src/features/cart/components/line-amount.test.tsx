import { expect, it } from 'vitest'
import { renderWords } from '../../../../test/render'
import { LineAmount } from './line-amount'

const euro = (amount: number) => ({ amount, currency: 'EUR' })

it('says what a line costs, and before its reduction', () => {
  expect(renderWords('en', <LineAmount line={{ total: euro(29_800), discount: euro(0) }} />)).toBe('€298.00')
  expect(renderWords('en', <LineAmount line={{ total: euro(26_820), discount: euro(2_980) }} />)).toBe(
    'Now €268.20 before €298.00',
  )
})
