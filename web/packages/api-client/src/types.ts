/** The shapes of /api/v1, by the names the contract gives them. */

export type Locale = 'en' | 'de' | 'nl' | 'fr'
/** An optional member may be left out or null; both mean "none". */
export type Maybe<T> = T | null | undefined

export type Money = { amount: number; currency: string }

export type Image = {
  id: string
  /** "/media/<sha>/{w}/<name>", {w} being one of the widths the media service keeps. */
  src: string
  alt: string
  width: number
  height: number
  focal_x: number
  focal_y: number
  background?: Maybe<string>
  placeholder?: Maybe<string>
}

export type PriceTier = { min_quantity: number; amount: Money }

export type Price = {
  amount: Money
  tax_included: boolean
  regular?: Maybe<Money>
  lowest_30_days?: Maybe<Money>
  discount_percent?: Maybe<number>
  tiers: PriceTier[]
}

export type Rating = { average: number; count: number }

export type Swatch = {
  value: string
  label: string
  colour?: Maybe<string>
  image?: Maybe<Image>
  available: boolean
}

export type ProductBadge = 'new' | 'sale' | 'low_stock' | 'sold_out' | 'backorder'

export type ProductCard = {
  id: string
  slug: string
  name: string
  subtitle?: Maybe<string>
  image?: Maybe<Image>
  hover_image?: Maybe<Image>
  price: Price
  price_from: boolean
  swatches: Swatch[]
  rating?: Maybe<Rating>
  badges: ProductBadge[]
  available: boolean
  default_variant_id: string
}

export type Crumb = { slug: string; name: string }
export type Alternates = Partial<Record<Locale, string>>
export type Seo = { title: string; description: string }

export type CategoryNode = {
  id: string
  slug: string
  name: string
  product_count: number
  image?: Maybe<Image>
  children: CategoryNode[]
}

// Store and content

export type Country = {
  code: string
  name: string
  eu: boolean
  postal_code_pattern?: Maybe<string>
  postal_code_example?: Maybe<string>
  state_required: boolean
}

export type Store = {
  name: string
  locales: Locale[]
  default_locale: Locale
  currencies: string[]
  default_currency: string
  default_country: string
  countries: Country[]
  contact: { email: string; phone: string; address: string }
  free_shipping_threshold?: Maybe<Money>
  return_days: number
}

export type Home = {
  hero: { title: string; text: string; image?: Maybe<Image>; cta_label: string; cta_href: string }
  rooms: { title: string; text: string; href: string; image?: Maybe<Image> }[]
  story: { title: string; body_html: string; image?: Maybe<Image>; href?: Maybe<string> }
  new_arrivals: ProductCard[]
  best_sellers: ProductCard[]
  reviews: {
    rating: number
    title: string
    body: string
    author: string
    product_name: string
    product_slug: string
  }[]
}

export type ContentPage = {
  slug: string
  title: string
  body_html: string
  seo: Seo
  alternates: Alternates
  updated_at: string
  kind: 'page' | 'story'
}
export type ContentPageList = {
  items: { slug: string; title: string; kind: 'page' | 'story'; updated_at: string }[]
}
export type Faq = { groups: { title: string; items: { question: string; answer_html: string }[] }[] }
export type MenuItem = { label: string; href: string; children: MenuItem[] }
export type Menu = { items: MenuItem[] }

// Catalogue

export type Category = {
  id: string
  slug: string
  name: string
  description?: Maybe<string>
  image?: Maybe<Image>
  seo: Seo
  breadcrumbs: Crumb[]
  children: CategoryNode[]
  alternates: Alternates
}

export type CollectionSummary = {
  id: string
  slug: string
  name: string
  product_count: number
  image?: Maybe<Image>
}
export type Collection = {
  id: string
  slug: string
  name: string
  description?: Maybe<string>
  image?: Maybe<Image>
  seo: Seo
  alternates: Alternates
}

export type FacetValue = {
  value: string
  label: string
  count: number
  selected: boolean
  colour?: Maybe<string>
}
export type Facet = {
  code: string
  label: string
  kind: 'values' | 'range' | 'bool'
  unit?: Maybe<string>
  values: FacetValue[]
  min?: Maybe<number>
  max?: Maybe<number>
  selected_min?: Maybe<number>
  selected_max?: Maybe<number>
}
export type SortCode = 'relevance' | 'newest' | 'price_asc' | 'price_desc' | 'popular' | 'name' | 'discount'
export type Listing = {
  total: number
  items: ProductCard[]
  facets: Facet[]
  price?: Maybe<{ min: Money; max: Money }>
  sort: SortCode
  sorts: SortCode[]
  next_cursor?: Maybe<string>
  prev_cursor?: Maybe<string>
  did_you_mean?: Maybe<string>
  redirect?: Maybe<string>
}

/** Rows of the home page for a buyer with prices of their own. */
export type HomeRails = { new_arrivals: ProductCard[]; best_sellers: ProductCard[] }
/** What the buyer's company calls a variant. */
export type PartNumber = { product_id: string; variant_id: string; number: string }

export type Suggestions = {
  queries: string[]
  products: {
    id: string
    slug: string
    name: string
    image?: Maybe<Image>
    price: Price
    part_number?: Maybe<string>
  }[]
  categories: Crumb[]
}

export type Media = Image & { kind: 'image'; options?: Maybe<Record<string, string>> }
export type StockState = 'in_stock' | 'low_stock' | 'sold_out' | 'backorder'
export type DeliveryPromise = { from: string; to: string }
export type Variant = {
  id: string
  sku: string
  name: string
  options: Record<string, string>
  price: Price
  stock: { state: StockState; quantity?: Maybe<number>; expected_on?: Maybe<string> }
  promise?: Maybe<DeliveryPromise>
  barcode?: Maybe<string>
  weight_grams?: Maybe<number>
  image_id?: Maybe<string>
}
export type ProductOption = {
  code: string
  name: string
  values: { value: string; label: string; colour?: Maybe<string> }[]
}
export type Review = {
  id: string
  rating: number
  title: string
  body: string
  author: string
  created_at: string
  verified: boolean
  locale: Locale
}
export type ProductPage = {
  id: string
  slug: string
  name: string
  subtitle?: Maybe<string>
  description_html: string
  brand?: Maybe<string>
  category?: Maybe<Crumb>
  breadcrumbs: Crumb[]
  alternates: Alternates
  media: Media[]
  options: ProductOption[]
  variants: Variant[]
  attributes: { code: string; name: string; value: string }[]
  rating?: Maybe<Rating>
  reviews: Review[]
  related: ProductCard[]
  bought_together: ProductCard[]
  badges: ProductBadge[]
  available: boolean
  is_gift_card: boolean
  seo: Seo
  updated_at: string
}
export type Page<T> = { items: T[]; next_cursor?: Maybe<string> }
export type SitemapItem = {
  kind: 'product' | 'category' | 'collection' | 'page'
  slugs: Alternates
  updated_at: string
  image?: Maybe<string>
}

// Session and account

export type Session = {
  customer?: Maybe<{
    id: string
    email: string
    first_name: string
    last_name: string
    locale: Locale
    email_verified: boolean
  }>
  cart_item_count: number
  currency: string
  country: string
  /** A mark of buyers with prices or products of their own; absent for everybody else. */
  buyer?: Maybe<string>
}
export type Account = {
  id: string
  email: string
  first_name: string
  last_name: string
  phone?: Maybe<string>
  locale: Locale
  created_at: string
  email_verified: boolean
}
export type AccountSession = {
  id: string
  created_at: string
  last_seen_at: string
  user_agent: string
  current: boolean
}
export type Address = {
  id?: Maybe<string>
  first_name: string
  last_name: string
  company?: Maybe<string>
  line1: string
  line2?: Maybe<string>
  postal_code: string
  city: string
  state?: Maybe<string>
  country: string
  phone?: Maybe<string>
  is_default?: Maybe<boolean>
}
export type ConsentKind = 'marketing_email' | 'marketing_whatsapp' | 'personalisation'
export type Consent = { kind: ConsentKind; granted: boolean; updated_at?: Maybe<string>; text: string }
export type BoughtProduct = {
  product_id: string
  slug: string
  name: string
  image?: Maybe<Image>
  order_number: string
}
export type OwnReview = {
  product_id: string
  slug: string
  name: string
  state: 'pending' | 'approved' | 'rejected'
  review: Review
}
export type StoredCard = {
  id: string
  kind?: Maybe<'card'>
  brand: string
  last4: string
  expiry_month: string | number
  expiry_year: string | number
  /** Its owner allows the shop to charge it for what became due on an order. */
  merchant_may_charge: boolean
}
export type StoreCredit = {
  balance: Money
  available: Money
  /** Newest first; negative where it was spent. */
  movements: { at: string; kind: string; amount: Money }[]
}
export type OrderState =
  | 'pending_payment'
  | 'confirmed'
  | 'processing'
  | 'shipped'
  | 'delivered'
  | 'completed'
  | 'cancelled'
export type PaymentState =
  | 'pending'
  | 'authorized'
  | 'paid'
  | 'partially_refunded'
  | 'refunded'
  | 'failed'
  | 'awaiting_invoice'
  | 'partially_paid'
export type OrderSummary = {
  number: string
  placed_at: string
  state: OrderState
  state_label: string
  total: Money
  item_count: number
  images: Image[]
}
export type ServicePoint = {
  id: string
  carrier: string
  name: string
  street: string
  house_number?: Maybe<string>
  postal_code: string
  city: string
  country: string
  /** Decimal degrees. */
  latitude: string
  longitude: string
  distance_m?: Maybe<number>
  opening: { day: number; from: string; to: string }[]
}
export type Totals = {
  subtotal: Money
  /** Positive. */
  discount: Money
  shipping?: Maybe<Money>
  tax: Money
  total: Money
  tax_included: boolean
  tax_lines: { rate_label: string; treatment: string; net: Money; tax: Money }[]
}
export type OrderGiftCard = {
  state: 'ordered' | 'paid' | 'issued' | 'withdrawn'
  amount: Money
  gift_card_id?: Maybe<string>
  code_hint?: Maybe<string>
  recipient_email?: Maybe<string>
  recipient_name?: Maybe<string>
  send_on?: Maybe<string>
  issued_at?: Maybe<string>
}
export type OrderLine = {
  id: string
  name: string
  options_text: string
  sku: string
  quantity: number
  unit_price: Money
  total: Money
  discount: Money
  product_slug?: Maybe<string>
  image?: Maybe<Image>
  gift_cards: OrderGiftCard[]
  waiting_quantity?: Maybe<number>
  expected_on?: Maybe<string>
}
export type ShipmentState =
  | 'planned'
  | 'announcing'
  | 'failed'
  | 'labelled'
  | 'in_transit'
  | 'out_for_delivery'
  | 'ready_for_pickup'
  | 'exception'
  | 'delivered'
  | 'returned'
  | 'cancelling'
  | 'cancelled'
export type OrderShipment = {
  number: number
  state: ShipmentState
  state_label: string
  carrier?: Maybe<string>
  shipped_at?: Maybe<string>
  delivered_at?: Maybe<string>
  lines: { line_id: string; name: string; quantity: number }[]
  parcels: {
    tracking_number: string
    tracking_url?: Maybe<string>
    state: ShipmentState
    state_label: string
    /** Oldest first. */
    events: { at: string; state: ShipmentState; text: string }[]
  }[]
}
export type Order = {
  id: string
  number: string
  state: OrderState
  payment_state: PaymentState
  state_label: string
  placed_at: string
  email: string
  currency: string
  locale: Locale
  lines: OrderLine[]
  discounts: { label: string; amount: Money }[]
  totals: Totals
  shipping_address: Address
  billing_address: Address
  shipping: {
    option_id: string
    method_name: string
    carrier?: Maybe<string>
    service_point?: Maybe<ServicePoint>
    promise?: Maybe<DeliveryPromise>
  }
  payment: { method: string; label: string }
  timeline: { at: string; kind: string; text: string }[]
  shipments: OrderShipment[]
  can_cancel: boolean
  payment_token?: Maybe<string>
}

export type OrderDocument = {
  id: string
  kind: 'invoice' | 'credit_note'
  number: string
  issued_at: string
  total: Money
  /** False for the moments between its issue and the making of its files. */
  ready: boolean
}

// Returns

export type ReturnReason =
  | 'changed_mind'
  | 'damaged'
  | 'defective'
  | 'wrong_item'
  | 'not_as_described'
  | 'late'
  | 'other'
export type ReturnState =
  | 'requested'
  | 'approved'
  | 'rejected'
  | 'cancelled'
  | 'received'
  | 'refunded'
  | 'closed'
export type ReturnLine = {
  line_id: string
  sku: string
  name: string
  options_text: string
  comment: string
  quantity: number
  received: number
  restocked: number
  /** Of the received, replaced by other goods. */
  exchanged: number
  /** Of the received, refunded with this return. */
  refunded: number
  reason: ReturnReason
  condition?: Maybe<'as_new' | 'opened' | 'used' | 'damaged'>
  image?: Maybe<Image>
  warehouse_id?: Maybe<string>
  exchange_sku?: Maybe<string>
  exchange_text?: Maybe<string>
}
export type ReturnLabel = {
  state: ShipmentState
  /** There is a PDF to print. */
  ready: boolean
  carrier: string
  tracking_number: string
  tracking_url?: Maybe<string>
  status: string
}
export type Return = {
  id: string
  number: string
  order_id: string
  order_number: string
  state: ReturnState
  comment: string
  answer: string
  requested_at: string
  decided_at?: Maybe<string>
  received_at?: Maybe<string>
  refunded?: Maybe<Money>
  replacement_number?: Maybe<string>
  lines: ReturnLine[]
  photos: { id: string; width: number; height: number }[]
  label?: Maybe<ReturnLabel>
  /** Oldest first. */
  timeline: {
    at: string
    kind:
      | 'requested'
      | 'approved'
      | 'rejected'
      | 'label_ready'
      | 'handed_over'
      | 'arrived'
      | 'received'
      | 'exchanged'
      | 'refunded'
  }[]
}
export type ReturnableLine = {
  line_id: string
  sku: string
  name: string
  options_text: string
  quantity: number
  obstacle: 'none' | 'not_shipped' | 'too_late' | 'excluded' | 'returned' | 'replacement'
  excluded_reason: string
  exchanges: { variant_id: string; sku: string; options_text: string; available: number }[]
}
export type OrderReturns = {
  order_number: string
  until: string
  days: number
  most_photos: number
  returnable: ReturnableLine[]
  returns: Return[]
}

// Cart and checkout

export type CartIssue = {
  code: 'out_of_stock' | 'insufficient_stock' | 'unavailable' | 'price_changed'
  message: string
  old_price?: Maybe<Money>
}
/** Whom a gift card is for; without an address it goes to the buyer. */
export type Gift = {
  recipient_email?: Maybe<string>
  recipient_name?: Maybe<string>
  sender_name?: Maybe<string>
  message?: Maybe<string>
  send_on?: Maybe<string>
}
export type CartLine = {
  id: string
  variant_id: string
  product_id: string
  product_slug: string
  name: string
  options_text: string
  sku: string
  image?: Maybe<Image>
  quantity: number
  unit_price: Money
  regular_unit_price?: Maybe<Money>
  discount: Money
  total: Money
  available_quantity?: Maybe<number>
  /** Of them, how many are not there yet. */
  backordered_quantity?: Maybe<number>
  expected_on?: Maybe<string>
  issues: CartIssue[]
  is_gift_card: boolean
  gifts: Gift[]
}
export type CartCode = {
  code: string
  applied: boolean
  label?: Maybe<string>
  amount?: Maybe<Money>
  reason?: Maybe<{ code: string; message: string }>
}
export type Cart = {
  id: string
  version: number
  currency: string
  locale: Locale
  country: string
  lines: CartLine[]
  codes: CartCode[]
  promotions: { label: string; amount: Money }[]
  totals: Totals
  item_count: number
  free_shipping?: Maybe<{ threshold: Money; remaining: Money; reached: boolean }>
  needs_delivery: boolean
}
export type ShippingOption = {
  id: string
  name: string
  carrier?: Maybe<string>
  kind: 'home' | 'service_point'
  price: Money
  promise?: Maybe<DeliveryPromise>
  description?: Maybe<string>
}
export type PaymentMethod = {
  method: 'card' | 'stored_card' | 'sepa' | 'hosted' | 'invoice' | 'gift_card' | 'store_credit'
  label: string
  description?: Maybe<string>
  stored?: Maybe<{
    id: string
    brand: string
    last4: string
    expiry_month: string | number
    expiry_year: string | number
    merchant_may_charge: boolean
  }>
}
/** A gift card or store credit that pays a part of a purchase. */
export type CheckoutCredit = {
  id: string
  kind: PaymentMethod['method']
  /** The last four characters of a gift card's code. */
  hint: string
  available: Money
  amount: Money
  expires_at?: Maybe<string>
}
export type Checkout = {
  id: string
  cart: Cart
  contact?: Maybe<{ email: string; phone?: Maybe<string>; accepts_marketing: boolean }>
  shipping_address?: Maybe<Address>
  billing_address?: Maybe<Address>
  shipping?: Maybe<{
    option_id: string
    name: string
    price: Money
    service_point?: Maybe<ServicePoint>
    promise?: Maybe<DeliveryPromise>
  }>
  totals: Totals
  credits: CheckoutCredit[]
  /** What gift cards and store credit leave to pay. */
  due: Money
  hold_expires_at?: Maybe<string>
  steps: { contact: boolean; address: boolean; shipping: boolean }
  guest: boolean
}
export type PaymentInput = {
  method: PaymentMethod['method']
  card?: { number: string; expiry_month: string; expiry_year: string; cvv: string; holder: string }
  save_card?: boolean
  stored_card_id?: string
  iban?: string
  account_holder?: string
}
export type PaymentOutcome = {
  status: 'completed' | 'redirect' | 'declined' | 'processing'
  order_number: string
  order_token: string
  /** Absent when there was nothing to pay. */
  attempt_id?: Maybe<string>
  redirect_url?: Maybe<string>
  decline?: Maybe<{ code: string; message: string; retry_allowed: boolean }>
}

/** What is still to be paid for an order that was changed. */
export type OrderPayment = {
  order_number: string
  total: Money
  due: Money
  processing: boolean
  items: PaymentMethod[]
}

// Errors

export type FieldError = { pointer: string; code: string; message: string }
export type Problem = {
  type: string
  title: string
  status: number
  detail?: Maybe<string>
  code: string
  request_id?: Maybe<string>
  errors?: Maybe<FieldError[]>
  details?: Maybe<Record<string, unknown>>
}
