/** What the back office's API answers. A resource describes itself; nothing here names one. */

export type Option = { value: string; label: string }

export type Column = {
  name: string
  label: string
  type: string
  sortable?: boolean
  resource?: string | null
  options?: Option[] | null
  /** Not shown where there is little room, unless somebody wants it. */
  minor?: boolean
}

export type Filter = {
  name: string
  label: string
  type: string
  options?: Option[] | null
  resource?: string | null
}

export type FieldKind = {
  name: string
  label: string
  type: string
  required?: boolean
  read_only?: boolean
  /** Written once, when the row is made. */
  fixed?: boolean
  min?: number | null
  max?: number | null
  max_length?: number | null
  options?: Option[] | null
  resource?: string | null
  help?: string | null
  /** A resource whose codes are worth offering; others are as good. */
  suggest?: string | null
  /** A list whose order says something. */
  ordered?: boolean
  /** A list that what is in it stays in. */
  adds_only?: boolean
  group?: string | null
}

export type Inline = {
  name: string
  label: string
  read_only?: boolean
  fields: FieldKind[]
  columns: Column[]
}

export type Action = {
  name: string
  label: string
  confirm?: string | null
  danger?: boolean
  /** It is looked at before it is done. */
  preview?: boolean
  fields?: FieldKind[] | null
}

export type Can = { create: boolean; update: boolean; delete: boolean; export: boolean; import: boolean }

export type Resource = {
  name: string
  label: string
  group: string
  columns: Column[]
  filters: Filter[]
  searchable: boolean
  fields: FieldKind[]
  inlines: Inline[]
  actions: Action[]
  can: Can
}

export type Value = unknown
export type Row = { id: string; version?: number | string } & Record<string, Value>

export type Page = {
  rows: Row[]
  next_cursor?: string | null
  total?: number | null
  total_is_capped?: boolean | null
}

export type MoneyValue = { amount: number; currency: string }
export type ReferenceValue = { id: string; label?: string | null; resource?: string | null }

export const isMoney = (value: Value): value is MoneyValue =>
  typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value
export const isReference = (value: Value): value is ReferenceValue =>
  typeof value === 'object' && value !== null && typeof (value as { id?: unknown }).id === 'string'

export type Staff = {
  id: string
  name: string
  email: string
  permissions: string[]
  has_totp: boolean
  /** Nothing but a new password is open before. */
  must_change_password: boolean
}

export type SignInAnswer =
  | { status: 'signed_in'; staff: Staff }
  | { status: 'second_factor'; methods: string[]; staff?: undefined }
