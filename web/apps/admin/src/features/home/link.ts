import { BASE } from '../../lib/router'

/** The page that a link of the API means: "reviews?filter[state]=pending". Orders of a state are at the desk. */
export function pageOf(link: string | null | undefined): string | undefined {
  if (!link) return undefined
  const [path = '', text = ''] = link.replace(/^\/+/, '').split('?')
  const rest = path.replace(new RegExp(`^${BASE.slice(1)}/?`), '').replace(/^(resources|r)\//, '')
  const query = new URLSearchParams(text)
  const atDesk =
    rest === 'orders' && [...query.keys()].every((name) => name === 'filter[state]' || name === 'q')
  const own = atDesk || ['', 'jobs', 'account', 'payment-cases', 'returns'].includes(rest)
  return `/${own ? rest : `r/${rest}`}${text ? `?${text}` : ''}`
}
