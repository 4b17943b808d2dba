import type { Checkout } from '@stoa/api-client'

export const steps = ['address', 'delivery', 'payment', 'review'] as const
export type Step = (typeof steps)[number]

/** Gift cards are mailed: a cart of nothing else has no delivery to choose. */
export const stepsOf = (delivers: boolean): readonly Step[] =>
  delivers ? steps : steps.filter((step) => step !== 'delivery')

/** The first step that is not done. `paymentChosen` is known to the browser only: it is never stored. */
export function openStep(checkout: Checkout, paymentChosen: boolean): Step {
  if (!checkout.steps.contact || !checkout.steps.address) return 'address'
  if (!checkout.steps.shipping) return 'delivery'
  return paymentChosen ? 'review' : 'payment'
}

/** May this step be seen? Earlier ones always, later ones once everything before them is done. */
export const mayVisit = (step: Step, open: Step): boolean => steps.indexOf(step) <= steps.indexOf(open)
