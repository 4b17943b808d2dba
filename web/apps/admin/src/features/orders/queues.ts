import type { Filter, Resource } from '../../api/types'

export type Queue = { key: string; label: string; filters: Record<string, string> }

/**
 * The queues of the desk, made of what the resource lets one filter by: what waits for somebody first. A state that the
 * resource does not know has no queue.
 */
export function queuesOf(resource: Resource): Queue[] {
  const filter = (name: string): Filter | undefined => resource.filters.find((entry) => entry.name === name)
  const state = filter('state') ?? filter('status')
  const queues: Queue[] = []
  for (const [value, label] of [
    ['confirmed', 'To do'],
    ['processing', 'In work'],
    ['pending_payment', 'Waiting for payment'],
    ['shipped', 'On the way'],
  ] as const)
    if (state?.options?.some((option) => option.value === value))
      queues.push({ key: value, label, filters: { [state.name]: value } })
  return [...queues, { key: 'all', label: 'All', filters: {} }]
}

/** Which queue an address shows: the one whose filters are all chosen, the narrowest first. */
export function queueOf(queues: Queue[], filters: Record<string, string>): Queue | undefined {
  return queues
    .filter((queue) => Object.entries(queue.filters).every(([name, value]) => filters[name] === value))
    .sort((a, b) => Object.keys(b.filters).length - Object.keys(a.filters).length)[0]
}
