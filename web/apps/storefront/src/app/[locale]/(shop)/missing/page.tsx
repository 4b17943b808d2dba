import { notFound } from 'next/navigation'

export const ensureStatic = 'navigation'

/** What proxy.ts shows for an address that no page has: one page for each language, with the shop around it. */
export default function Page(): never {
  notFound()
}
