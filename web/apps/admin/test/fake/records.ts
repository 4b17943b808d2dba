import type { Row } from '../../src/api/types'
import { type At, euro } from './answers'
import { states } from './descriptions'

const woods = ['Oak', 'Ash', 'Walnut', 'Beech', 'Pine', 'Cherry']
const things = ['chair', 'table', 'lamp', 'shelf', 'bench', 'stool', 'sofa', 'mirror']
const names = [
  'Mira Lindqvist',
  'Tom Bakker',
  'Anna Weiß',
  'Louise Martin',
  'Jan de Vries',
  'Eva Novák',
  'Paul Schmidt',
]

/** The rows of each list. */
export function makeRecords(at: At) {
  const categories: Row[] = ['Chairs', 'Tables', 'Lamps', 'Storage'].map((name, index) => ({
    id: `cat_${index + 1}`,
    version: 1,
    name,
    products: 10 + index,
  }))
  const products: Row[] = Array.from({ length: 130 }, (_, index) => {
    const name = `${woods[index % woods.length]} ${things[index % things.length]} ${index + 1}`
    const category = categories[index % categories.length]
    return {
      id: `prod_${index + 1}`,
      version: 1,
      image: null,
      name,
      title: { en: name, de: index % 3 ? `${name} (de)` : '' },
      description: { en: `A ${name.toLowerCase()} made to last.\nFinished by hand.` },
      sku: `ST-${String(1000 + index)}`,
      slug: name.toLowerCase().replace(/ /g, '-'),
      state: index % 5 ? 'published' : 'draft',
      category: { id: category?.id ?? '', label: String(category?.name), resource: 'categories' },
      price: euro(9900 + index * 1250),
      stock: (index * 7) % 90,
      featured: index % 4 === 0,
      available_from: index % 6 ? null : '2026-12-01',
      tags: ['wood', things[index % things.length] ?? ''],
      updated_at: at(index * 97),
      variants: [
        {
          id: `var_${index}a`,
          sku: `ST-${1000 + index}-O`,
          colour: 'oak',
          price: euro(9900 + index * 1250),
          active: true,
        },
        {
          id: `var_${index}b`,
          sku: `ST-${1000 + index}-W`,
          colour: 'walnut',
          price: euro(11900 + index * 1250),
          active: index % 2 === 0,
        },
      ],
    }
  })
  const orders: Row[] = Array.from({ length: 75 }, (_, index) => ({
    id: `ord_${index + 1}`,
    version: 1,
    number: `ST-${20450 - index}`,
    customer: names[index % names.length] ?? '',
    email: `${(names[index % names.length] ?? '').split(' ')[0]?.toLowerCase()}@example.com`,
    state: states[index % states.length] ?? 'confirmed',
    payment_state: index % states.length === 0 ? 'pending' : 'paid',
    total: euro(4900 + ((index * 7919) % 160000)),
    placed_at: at(12 + index * index * 3),
    lines: [
      { id: `line_${index}a`, sku: 'ST-1000-O', name: 'Oak chair 1, oak', quantity: 2, total: euro(19800) },
      { id: `line_${index}b`, sku: 'ST-1012-W', name: 'Oak lamp 3, walnut', quantity: 1, total: euro(12400) },
    ],
    timeline: [
      { id: '2', at: at(10 + index * index * 3), what: 'The payment was confirmed' },
      { id: '1', at: at(12 + index * index * 3), what: 'The order was placed' },
    ],
  }))
  const customers: Row[] = names.map((name, index) => ({
    id: `cus_${index + 1}`,
    version: 1,
    name,
    email: `${name.split(' ')[0]?.toLowerCase()}@example.com`,
    verified: index % 3 !== 0,
    orders: index * 2,
    created_at: `2026-03-0${index + 1}`,
    note: '',
  }))
  return { categories, products, orders, customers }
}
