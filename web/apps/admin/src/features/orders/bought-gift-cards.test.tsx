import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { BoughtGiftCards } from './bought-gift-cards'

it('shows the issued card by the end of its code, and whom it is for', () => {
  const amount = { amount: 5000, currency: 'EUR' }
  const html = renderToStaticMarkup(
    <BoughtGiftCards
      cards={[
        {
          state: 'issued',
          amount,
          code_hint: '7KQM',
          recipient_name: 'Ben',
          recipient_email: 'ben@example.test',
        },
        { state: 'paid', amount, send_on: '2026-12-24' },
      ]}
    />,
  )
  expect(html).toMatch(/issued · •••• 7KQM · Ben, ben@example\.test</)
  expect(html).toMatch(/waits for its day · to the buyer · on 2026-12-24</)
  expect(renderToStaticMarkup(<BoughtGiftCards cards={[]} />)).toBe('')
})
