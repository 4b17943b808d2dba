import type { Resource } from '../../src/api/types'

export const states = ['pending_payment', 'confirmed', 'processing', 'shipped', 'completed', 'cancelled']
const can = { create: true, update: true, delete: true, export: true, import: true }
const option = (value: string) => ({
  value,
  label: value.replace(/_/g, ' ').replace(/^./, (c) => c.toUpperCase()),
})

/** What the shop of the tests describes of itself. */
export const resources: Resource[] = [
  {
    name: 'orders',
    label: 'Orders',
    group: 'Orders',
    searchable: true,
    columns: [
      { name: 'number', label: 'Number', type: 'text', sortable: true },
      { name: 'customer', label: 'Customer', type: 'text' },
      { name: 'state', label: 'State', type: 'select', sortable: true },
      { name: 'payment_state', label: 'Payment', type: 'select' },
      { name: 'total', label: 'Total', type: 'money', sortable: true },
      { name: 'placed_at', label: 'Placed', type: 'datetime', sortable: true },
    ],
    filters: [
      { name: 'state', label: 'State', type: 'select', options: states.map(option) },
      { name: 'placed_at', label: 'Placed', type: 'date' },
    ],
    fields: [
      { name: 'number', label: 'Number', type: 'text', read_only: true, group: 'Order' },
      { name: 'email', label: 'Email', type: 'text', read_only: true, group: 'Buyer' },
      { name: 'customer', label: 'Name', type: 'text', read_only: true, group: 'Buyer' },
      { name: 'total', label: 'Total', type: 'money', read_only: true, group: 'Order' },
      { name: 'placed_at', label: 'Placed', type: 'datetime', read_only: true, group: 'Order' },
    ],
    inlines: [
      {
        name: 'lines',
        label: 'Lines',
        columns: [
          { name: 'sku', label: 'SKU', type: 'text' },
          { name: 'name', label: 'Name', type: 'text' },
          { name: 'quantity', label: 'Quantity', type: 'integer' },
          { name: 'total', label: 'Total', type: 'money' },
        ],
        fields: [],
      },
      {
        name: 'timeline',
        label: 'Timeline',
        columns: [
          { name: 'at', label: 'When', type: 'datetime' },
          { name: 'what', label: 'What', type: 'text' },
        ],
        fields: [],
      },
    ],
    actions: [
      {
        name: 'cancel',
        label: 'Cancel',
        confirm: 'The order is cancelled and its stock is free again.',
        danger: true,
      },
    ],
    can: { ...can, create: false, update: false, delete: false, import: false },
  },
  {
    name: 'products',
    label: 'Products',
    group: 'Products',
    searchable: true,
    columns: [
      { name: 'image', label: 'Picture', type: 'image' },
      { name: 'name', label: 'Name', type: 'text', sortable: true },
      { name: 'sku', label: 'SKU', type: 'text', sortable: true },
      { name: 'state', label: 'State', type: 'select' },
      { name: 'category', label: 'Category', type: 'reference', resource: 'categories' },
      { name: 'price', label: 'Price', type: 'money', sortable: true },
      { name: 'stock', label: 'Stock', type: 'integer', sortable: true },
      { name: 'updated_at', label: 'Changed', type: 'datetime', sortable: true },
    ],
    filters: [
      { name: 'state', label: 'State', type: 'select', options: ['published', 'draft'].map(option) },
      { name: 'featured', label: 'Featured', type: 'bool' },
      { name: 'category', label: 'Category', type: 'reference', resource: 'categories' },
      { name: 'price', label: 'Price', type: 'number' },
    ],
    fields: [
      { name: 'title', label: 'Name', type: 'translations', required: true, group: 'Texts' },
      { name: 'description', label: 'Description', type: 'translations', group: 'Texts' },
      { name: 'sku', label: 'SKU', type: 'text', required: true, group: 'Selling' },
      {
        name: 'state',
        label: 'State',
        type: 'select',
        required: true,
        options: ['published', 'draft'].map(option),
        group: 'Selling',
      },
      { name: 'price', label: 'Price', type: 'money', required: true, group: 'Selling' },
      { name: 'category', label: 'Category', type: 'reference', resource: 'categories', group: 'Selling' },
      { name: 'available_from', label: 'Available from', type: 'date', group: 'Selling' },
      {
        name: 'featured',
        label: 'Featured',
        type: 'bool',
        help: 'Shown on the home page.',
        group: 'Selling',
      },
      { name: 'tags', label: 'Tags', type: 'list', group: 'Finding' },
      { name: 'slug', label: 'Address', type: 'text', read_only: true, group: 'Finding' },
    ],
    inlines: [
      {
        name: 'variants',
        label: 'Variants',
        columns: [],
        fields: [
          { name: 'sku', label: 'SKU', type: 'text', required: true },
          {
            name: 'colour',
            label: 'Colour',
            type: 'select',
            options: ['oak', 'walnut', 'black'].map(option),
          },
          { name: 'price', label: 'Price', type: 'money' },
          { name: 'active', label: 'Sold', type: 'bool' },
        ],
      },
    ],
    actions: [
      { name: 'publish', label: 'Publish' },
      {
        name: 'change_price',
        label: 'Change the price',
        fields: [
          {
            name: 'percent',
            label: 'Percent',
            type: 'integer',
            required: true,
            help: 'Negative for a reduction.',
          },
        ],
      },
      { name: 'archive', label: 'Archive', danger: true, confirm: 'They disappear from the shop at once.' },
    ],
    can,
  },
  {
    name: 'categories',
    label: 'Categories',
    group: 'Products',
    searchable: true,
    columns: [
      { name: 'name', label: 'Name', type: 'text', sortable: true },
      { name: 'products', label: 'Products', type: 'integer' },
    ],
    filters: [],
    fields: [{ name: 'name', label: 'Name', type: 'text', required: true }],
    inlines: [],
    actions: [],
    can: { ...can, export: false, import: false },
  },
  {
    name: 'customers',
    label: 'Customers',
    group: 'Customers',
    searchable: true,
    columns: [
      { name: 'name', label: 'Name', type: 'text', sortable: true },
      { name: 'email', label: 'Email', type: 'text' },
      { name: 'verified', label: 'Verified', type: 'bool' },
      { name: 'orders', label: 'Orders', type: 'integer', sortable: true },
      { name: 'created_at', label: 'Since', type: 'date', sortable: true },
    ],
    filters: [{ name: 'verified', label: 'Verified', type: 'bool' }],
    fields: [
      { name: 'name', label: 'Name', type: 'text', required: true },
      { name: 'email', label: 'Email', type: 'text', read_only: true },
      { name: 'note', label: 'Note', type: 'longtext' },
    ],
    inlines: [],
    actions: [],
    can: { ...can, create: false, delete: false, import: false },
  },
  {
    name: 'promotions',
    label: 'Promotions',
    group: 'Marketing',
    searchable: false,
    columns: [{ name: 'name', label: 'Name', type: 'text' }],
    filters: [],
    fields: [{ name: 'name', label: 'Name', type: 'text', required: true }],
    inlines: [],
    actions: [],
    can,
  },
]
