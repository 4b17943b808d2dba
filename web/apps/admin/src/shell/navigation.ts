import {
  Activity,
  BarChart3,
  Boxes,
  ClipboardList,
  FileText,
  Gift,
  House,
  type LucideIcon,
  Megaphone,
  MessageSquare,
  Package,
  Scale,
  Search,
  Settings,
  ShoppingCart,
  Table2,
  Tag,
  Truck,
  Undo2,
  Users,
  Webhook,
} from 'lucide-react'
import type { Resource } from '../api/types'
import { may } from '../lib/permissions'

export type Entry = { href: string; label: string; icon?: LucideIcon }
export type Section = { label: string; icon: LucideIcon; entries: Entry[] }

// Sections in the order of a day's work, each with its picture. One that is not named here comes before the settings.
const SECTIONS: [string, LucideIcon][] = [
  ['orders', ShoppingCart],
  ['sales', ShoppingCart],
  ['products', Package],
  ['catalogue', Package],
  ['prices', Tag],
  ['stock', Boxes],
  ['customers', Users],
  ['messages', MessageSquare],
  ['marketing', Megaphone],
  ['content', FileText],
  ['search', Search],
  ['shipping', Truck],
  ['analytics', BarChart3],
  ['', Table2],
  ['settings', Settings],
]
const placeOf = (label: string): number => {
  const found = SECTIONS.findIndex(([name]) => name === label.toLowerCase())
  return found >= 0 ? found : SECTIONS.findIndex(([name]) => name === '')
}

/** By task: the pages made by hand first in their section, then what the resources describe, in the server's order. */
export function sectionsOf(resources: readonly Resource[], permissions: readonly string[]): Section[] {
  const sections: Section[] = []
  const section = (label: string) => {
    let found = sections.find((entry) => entry.label === label)
    if (!found) {
      found = { label, icon: SECTIONS[placeOf(label)]?.[1] ?? Table2, entries: [] }
      sections.push(found)
    }
    return found
  }
  const groups = [...new Set(resources.map((resource) => resource.group))]
  groups.sort((a, b) => placeOf(a) - placeOf(b))
  for (const group of groups) section(group)
  for (const resource of resources) {
    const { entries } = section(resource.group)
    if (resource.name === 'orders')
      entries.unshift(
        { href: '/orders', label: 'Order desk', icon: ClipboardList },
        { href: '/returns', label: 'Returns', icon: Undo2 },
        { href: '/payment-cases', label: 'Payments to reconcile', icon: Scale },
      )
    entries.push({
      href: `/r/${resource.name}`,
      label: resource.name === 'orders' ? 'All orders' : resource.label,
    })
  }
  if (may(permissions, 'gift_cards.read')) {
    const entry: Entry = { href: '/gift-cards', label: 'Gift cards', icon: Gift }
    const desk = sections.find((place) => place.entries.some(({ href }) => href === '/orders'))
    if (desk) desk.entries.push(entry)
    else sections.unshift({ label: 'Gift cards', icon: Gift, entries: [entry] })
  }
  const operations: Entry[] = []
  if (may(permissions, 'jobs.read')) operations.push({ href: '/jobs', label: 'Failed jobs', icon: Activity })
  if (may(permissions, 'webhooks.read'))
    operations.push({ href: '/webhooks', label: 'Webhooks', icon: Webhook })
  if (operations.length) sections.push({ label: 'Operations', icon: Activity, entries: operations })
  return sections
}

export const home: Entry = { href: '/', label: 'Today', icon: House }
