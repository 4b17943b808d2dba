import type { Locale } from '@stoa/api-client'
import type account from '../../messages/en/account.json'
import type address from '../../messages/en/address.json'
import type cart from '../../messages/en/cart.json'
import type catalog from '../../messages/en/catalog.json'
import type checkout from '../../messages/en/checkout.json'
import type common from '../../messages/en/common.json'
import type content from '../../messages/en/content.json'
import type errors from '../../messages/en/errors.json'
import type home from '../../messages/en/home.json'
import type order from '../../messages/en/order.json'
import type product from '../../messages/en/product.json'
import type search from '../../messages/en/search.json'
import type shell from '../../messages/en/shell.json'
import { type Namespace, namespaces } from './namespaces'

/** English is the reference: a key that is not there does not compile. */
export type Messages = {
  account: typeof account
  address: typeof address
  cart: typeof cart
  catalog: typeof catalog
  checkout: typeof checkout
  common: typeof common
  content: typeof content
  errors: typeof errors
  home: typeof home
  order: typeof order
  product: typeof product
  search: typeof search
  shell: typeof shell
}

export async function loadMessages(locale: Locale): Promise<Messages> {
  const files = await Promise.all(
    namespaces.map(
      async (name) => [name, (await import(`../../messages/${locale}/${name}.json`)).default] as const,
    ),
  )
  return Object.fromEntries(files) as unknown as Messages
}

export function pickMessages<K extends Namespace>(
  messages: Messages,
  names: readonly K[],
): Pick<Messages, K> {
  return Object.fromEntries(names.map((name) => [name, messages[name]])) as Pick<Messages, K>
}
