import { notFound } from 'next/navigation'

export const ensureStatic = 'navigation'

/** Shown for an address that no page has (see config/paths): one page for each language, with the shop around it. */
export default function Page(): never {
  notFound()
}
