/** One file per feature and language: messages/<locale>/<namespace>.json. */
export const namespaces = [
  'common',
  'shell',
  'home',
  'catalog',
  'product',
  'search',
  'content',
  'cart',
  'checkout',
  'address',
  'order',
  'account',
  'errors',
] as const
export type Namespace = (typeof namespaces)[number]

/** What every page sends to the browser; checkout and account add their own in their layouts. */
export const clientNamespaces = ['common', 'shell', 'catalog', 'product', 'cart', 'errors'] as const
