import type { Column, FieldKind, Filter, Inline, Option, Resource } from './types'

/**
 * The API names a field where nobody wrote a label for it by its name alone: "Sku", "Basis points". Here such a field gets the
 * word that a merchant uses, and a kind that shows its value as a person writes it. What the API labels itself stays.
 */
type Word = {
  label?: string
  help?: string
  type?: string
  suggest?: string
  options?: Option[]
  minor?: boolean
  addsOnly?: boolean
  ordered?: boolean
}

const automatic = (name: string): string => {
  const text = name.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const WORDS: Record<string, Word> = {
  id: { label: 'ID' },
  sku: { label: 'SKU' },
  email: { label: 'E-mail' },
  emails: { label: 'E-mail addresses' },
  contact_name: { label: 'Contact person' },
  locale: { label: 'Language', type: 'language' },
  country: { type: 'country' },
  line1: { label: 'Street and number', help: '' },
  line2: { label: 'More of the address' },
  is_default: { label: 'Default address' },
  created_at: { label: 'Since' },
  placed_at: { label: 'Placed' },
  starts_at: { label: 'From' },
  ends_at: { label: 'Until' },
  valid_from: { label: 'Valid from' },
  seo_title: { label: 'Title for search engines' },
  seo_description: { label: 'Description for search engines' },
  slug: { label: 'Page address' },
  handle: { label: 'Handle', help: 'The short name that imports and exports know it by.' },
  handling_days: { label: 'Days to get it ready' },
  audience_groups: { label: 'Shown to customer groups', suggest: 'customer_groups' },
  customer_group: { suggest: 'customer_groups' },
  groups: { suggest: 'customer_groups' },
  audience_companies: {
    label: 'Shown to companies',
    type: 'companies',
    help: 'Everybody who buys for one of them. Choose a company by one of its buyers.',
  },
  companies: {
    type: 'companies',
    help: 'Choose a company by one of its buyers.',
  },
  company: { type: 'company', help: 'Choose it by one of its buyers.' },
  weight_grams: { label: 'Weight (g)' },
  length_mm: { label: 'Length (mm)' },
  width_mm: { label: 'Width (mm)' },
  height_mm: { label: 'Height (mm)' },
  attribute: { help: '', suggest: 'attributes' },
  attributes: { suggest: 'attributes' },
  number_milli: { label: 'Number', type: 'thousandths', help: 'Of a number, in its unit.' },
  flag: { label: 'Yes or no', help: '' },
  names: { label: 'Name' },
  labels: { label: 'Label' },
  alt: { label: 'Description of the picture' },
  focal_x: { label: 'Focal point from the left (‰)' },
  focal_y: { label: 'Focal point from the top (‰)' },
  rating: { label: 'Stars' },
  verified: { label: 'Confirmed' },
  tax_included: { label: 'Prices include tax' },
  export_net: {
    label: 'Without tax for exports',
    help: "For buyers abroad the shop country's VAT is taken out of a price that includes it.",
  },
  tax_class: { type: 'code', suggest: 'tax_rates' },
  basis_points: { label: 'Rate', type: 'percent', help: 'In per cent, such as 19 or 5.5.' },
  min_quantity: { label: 'From this quantity' },
  unit: { label: 'Unit' },
  lane: { label: 'Order of use' },
  exclusive_group: { label: 'Not together with' },
  usage_limit: { label: 'Uses in all' },
  customer_limit: { label: 'Uses per customer' },
  used: { label: 'Used so far' },
  any_condition: { label: 'One condition is enough', help: '' },
  negated: { label: 'All but these' },
  per_cent: { label: 'Strength (%)' },
  target: { label: 'Leads to' },
  issue_on: { label: 'Invoice when' },
  must_change_password: { label: 'Must choose a new password' },
  has_totp: { label: 'Second factor' },
  payment_days: { label: 'Days to pay' },
}

// What a name means in one resource only
const KINDS_OF_ATTRIBUTES: Option[] = [
  { value: 'enum', label: 'Choice' },
  { value: 'number', label: 'Number' },
  { value: 'text', label: 'Text' },
  { value: 'bool', label: 'Yes or no' },
  { value: 'choice', label: 'Choice' },
  { value: 'flag', label: 'Yes or no' },
]

const IN: Record<string, Record<string, Word>> = {
  customers: {
    company: {
      label: 'Buys for',
      type: 'company',
      help: 'Whose prices, products and part numbers are theirs.',
    },
    verified: { label: 'Address confirmed' },
  },
  'customers.addresses': { company: { label: 'Company', type: 'text', help: '' } },
  price_lists: {
    company: {
      label: 'Company',
      type: 'company',
      help: 'Only who buys for it has these prices. Empty: everybody.',
    },
    tax_included: { label: 'Prices include tax' },
  },
  part_numbers: {
    number: { label: 'Part number' },
    sku: { label: 'SKU', help: 'Of the variant that it names.' },
    company: { label: 'Company', type: 'company', help: "Whose number it is: a company's," },
    customer_group: { label: 'Customer group', suggest: 'customer_groups', minor: true },
    updated_at: { minor: true },
  },
  prices: {
    min_quantity: { label: 'From this quantity', help: '' },
    unit: { label: 'Price of one', help: 'In the currency of the list.' },
  },
  'prices.tiers': {
    min_quantity: { label: 'From this quantity', help: '' },
    unit: { label: 'Price of one', help: 'In the currency of the list.' },
  },
  promotions: {
    automatic: { minor: true },
    used_count: { minor: true },
    codes: {
      help: 'The first twenty are shown. What is added here is added; a code that exists is not taken away.',
      addsOnly: true,
    },
    name: { label: 'Name', help: 'For staff only.' },
    labels: { label: 'Name for shoppers', help: '' },
    lane: {
      label: 'Order of use',
      help: 'Lower numbers go first; each takes its part of what the earlier ones left.',
    },
    exclusive_group: {
      label: 'Not together with',
      help: 'A word of yours: of all promotions that carry the same one, only one applies.',
    },
  },
  orders: { customer: { minor: true }, country: { minor: true } },
  'collections.conditions': { field: { label: 'Property', help: '' } },
  collections: {
    by_rule: { label: 'By rule', help: 'It holds what meets the conditions below.' },
    products: { ordered: true, help: 'In this order.' },
    handle: { minor: true },
  },
  search_rules: { products: { ordered: true } },
  product_types: { attributes: { ordered: true } },
  categories: { handle: { minor: true }, parent: { minor: true } },
  products: {
    handle: { minor: true },
    brand: { minor: true },
    updated_at: { minor: true },
    type: { type: 'code', help: 'It says which attributes the product should have.' },
    popularity: { help: 'The higher, the further up where shoppers sort by it.' },
    options: { help: 'The attributes that its variants differ in, such as colour.' },
    tax_class: { help: 'Which of the tax rates it has.' },
  },
  variants: { barcode: { minor: true } },
  reviews: {
    verified: { label: 'Bought here', help: '' },
    body: { label: 'Text' },
    author: { minor: true },
  },
  attributes: { kind: { options: KINDS_OF_ATTRIBUTES } },
  roles: { permissions: { type: 'permissions' } },
  audit: {
    action: { type: 'deed' },
    resource: { type: 'resource' },
    object_id: { type: 'record' },
  },
  redirects: {
    slug: { label: 'Old address' },
    page: { label: 'Leads to the page', help: '', suggest: 'pages' },
  },
  stock: {
    held: { help: 'Promised to checkouts that are under way.' },
    allocated: { help: 'Promised to orders.' },
  },
  staff: { roles: { label: 'Roles', help: '', suggest: 'roles' } },
}

// Codes that say nothing by themselves
const OPTIONS: Record<string, string> = {
  buy_x_get_y: 'Buy X, get Y',
  percent: 'Per cent off',
  fixed_amount: 'Amount off',
  cheapest_free: 'Cheapest one free',
  tiered_spend: 'More off the more is spent',
  pin: 'Put at the top',
  boost: 'Move up',
  bury: 'Move down',
  redirect: 'Lead to another page',
}
const languages = new Intl.DisplayNames('en', { type: 'language' })
const isLanguage = (value: string) => /^(en|de|nl|fr)$/.test(value)

function optionOf(name: string, option: Option): Option {
  if (option.label !== automatic(option.value)) return option
  if ((name === 'locale' || name === 'language') && isLanguage(option.value))
    return { ...option, label: languages.of(option.value) ?? option.label }
  const label = OPTIONS[option.value]
  return label ? { ...option, label } : option
}

type Named = {
  name: string
  label: string
  type: string
  options?: Option[] | null
  help?: string | null
  minor?: boolean
}

function worded<T extends Named>(place: string, field: T): T {
  const word = { ...WORDS[field.name], ...IN[place]?.[field.name] }
  const made: T = { ...field }
  const isColumn = !('help' in field)
  if (word.minor && isColumn) made.minor = true
  if (word.options && isColumn) made.options = word.options
  if (word.label && field.label === automatic(field.name)) made.label = word.label
  if (word.help !== undefined && 'help' in field) made.help = word.help
  if (word.suggest && !field.options?.length && !('resource' in field && field.resource))
    (made as T & { suggest?: string }).suggest = word.suggest
  if (word.ordered) (made as T & { ordered?: boolean }).ordered = true
  if (word.addsOnly) (made as T & { adds_only?: boolean }).adds_only = true
  // A kind that the API chose itself, such as a reference to another resource, knows better.
  if (
    word.type &&
    (isColumn || !ONLY_SHOWN.has(word.type)) &&
    (['text', 'integer', 'list'].includes(field.type) || word.type === 'company')
  )
    made.type = word.type
  if (field.options?.length) made.options = field.options.map((option) => optionOf(field.name, option))
  return made
}

// Kinds of columns that no form knows
const ONLY_SHOWN = new Set(['code', 'deed', 'resource', 'record', 'permissions'])

// What an API client needs and a person does not
const HIDDEN = new Set(['state_label', 'payment_token', 'can_cancel'])

export function wordedResource(resource: Resource): Resource {
  const fieldsOf = (place: string, fields: FieldKind[]) =>
    fields.filter(({ name }) => !HIDDEN.has(name)).map((field) => worded(place, field))
  return {
    ...resource,
    columns: resource.columns.map((column) => worded<Column>(resource.name, column)),
    filters: resource.filters.map((filter) => worded<Filter>(resource.name, filter)),
    fields: fieldsOf(resource.name, resource.fields),
    inlines: resource.inlines.map(
      (inline): Inline => ({
        ...inline,
        label: inline.name === 'media' ? 'Pictures' : inline.label,
        fields: fieldsOf(`${resource.name}.${inline.name}`, inline.fields),
        columns:
          inline.columns?.map((column) => worded<Column>(`${resource.name}.${inline.name}`, column)) ?? [],
      }),
    ),
    actions: resource.actions.map((action) => ({
      ...action,
      fields: action.fields ? fieldsOf(resource.name, action.fields) : (action.fields ?? null),
    })),
  }
}

// What one of a list is called, where that is not the list's name without its last letter
const ONE: Record<string, string> = {
  categories: 'category',
  media: 'picture',
  stock: 'stock level',
  legal_entities: 'legal entity',
  vat_rates: 'exchange rate for VAT',
  staff: 'member of the staff',
  search_rules: 'search rule or redirect',
  redirects: 'redirect of a page',
}
/** "New price list" */
export const newTitle = ({ name, label }: Pick<Resource, 'name' | 'label'>): string =>
  `New ${ONE[name] ?? label.toLowerCase().replace(/s$/, '')}`
