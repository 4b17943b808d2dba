import { BASE } from '../../lib/router'

/** The page that a link of the API means: "orders?filter[state]=paid", with or without what leads to it here. */
export function pageOf(link: string | null | undefined): string | undefined {
  if (!link) return undefined
  const [path = '', query] = link.replace(/^\/+/, '').split('?')
  const rest = path.replace(new RegExp(`^${BASE.slice(1)}/?`), '').replace(/^(resources|r)\//, '')
  const known = ['', 'orders', 'jobs', 'audit', 'account']
  return `/${known.includes(rest) ? rest : `r/${rest}`}${query ? `?${query}` : ''}`
}
