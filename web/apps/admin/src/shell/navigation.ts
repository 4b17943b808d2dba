import {
  Activity,
  BarChart3,
  Boxes,
  ClipboardList,
  FileText,
  History,
  House,
  type LucideIcon,
  Megaphone,
  MessageSquare,
  Package,
  Settings,
  ShoppingCart,
  Table2,
  Truck,
  Users,
} from 'lucide-react'
import type { Resource } from '../api/types'
import { may } from '../lib/permissions'

export type Entry = { href: string; label: string; icon?: LucideIcon }
export type Section = { label: string; icon: LucideIcon; entries: Entry[] }

const ICONS: Record<string, LucideIcon> = {
  orders: ShoppingCart,
  sales: ShoppingCart,
  products: Package,
  catalogue: Package,
  catalog: Package,
  stock: Boxes,
  inventory: Boxes,
  customers: Users,
  messages: MessageSquare,
  marketing: Megaphone,
  promotions: Megaphone,
  analytics: BarChart3,
  content: FileText,
  shipping: Truck,
  settings: Settings,
  staff: Users,
  system: Activity,
  operations: Activity,
}
const ORDER = [
  'orders',
  'sales',
  'products',
  'catalogue',
  'catalog',
  'stock',
  'inventory',
  'customers',
  'messages',
  'marketing',
  'promotions',
  'content',
  'analytics',
]

const rank = (label: string) => {
  const found = ORDER.indexOf(label.toLowerCase())
  return found < 0 ? ORDER.length : found
}

/** By task: the pages made by hand first in their section, then what the resources describe, in the server's order. */
export function sectionsOf(resources: readonly Resource[], permissions: readonly string[]): Section[] {
  const sections: Section[] = []
  const section = (label: string) => {
    let found = sections.find((entry) => entry.label === label)
    if (!found) {
      found = { label, icon: ICONS[label.toLowerCase()] ?? Table2, entries: [] }
      sections.push(found)
    }
    return found
  }
  const groups = [...new Set(resources.map((resource) => resource.group))]
  groups.sort((a, b) => rank(a) - rank(b))
  if (resources.some((resource) => resource.name === 'orders'))
    section(
      groups.find((group) => group === resources.find((resource) => resource.name === 'orders')?.group) ??
        'Orders',
    )
  for (const group of groups) section(group)
  for (const resource of resources) {
    const { entries } = section(resource.group)
    if (resource.name === 'orders')
      entries.unshift({ href: '/orders', label: 'Order desk', icon: ClipboardList })
    entries.push({
      href: `/r/${resource.name}`,
      label: resource.name === 'orders' ? 'All orders' : resource.label,
    })
  }
  const operations: Entry[] = []
  if (may(permissions, 'jobs.read')) operations.push({ href: '/jobs', label: 'Failed jobs', icon: Activity })
  if (may(permissions, 'audit.read')) operations.push({ href: '/audit', label: 'Audit log', icon: History })
  if (operations.length) sections.push({ label: 'Operations', icon: Activity, entries: operations })
  return sections
}

export const home: Entry = { href: '/', label: 'Today', icon: House }
