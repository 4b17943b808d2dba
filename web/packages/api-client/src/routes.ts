import type * as T from './types'

/** What a public read may vary by; it never depends on a cookie. */
export type PublicQuery = { locale?: T.Locale; currency?: string; country?: string }
type Paging = { limit?: number; cursor?: string }
type None = undefined

/** `f.<attribute>` filters stand beside the named members. */
export type ListingQuery = PublicQuery &
  Paging & {
    category?: string
    collection?: string
    q?: string
    price?: string
    available?: '1'
    sort?: string
  } & { [filter: `f.${string}`]: string }

type Route<
  Response,
  Extra extends { path?: object; query?: object; body?: unknown } = Record<never, never>,
> = {
  response: Response
} & Extra

/** Every route of the contract: method and path template to what goes in and what comes out. */
export type Routes = {
  'GET /store': Route<T.Store, { query: PublicQuery }>
  'GET /content/home': Route<T.Home, { query: PublicQuery }>
  'GET /content/pages': Route<T.ContentPageList, { query: PublicQuery }>
  'GET /content/pages/{slug}': Route<T.ContentPage, { path: { slug: string }; query: PublicQuery }>
  'GET /content/faq': Route<T.Faq, { query: PublicQuery }>
  'GET /content/menus/{code}': Route<T.Menu, { path: { code: 'main' | 'footer' }; query: PublicQuery }>

  'GET /catalog/categories': Route<{ items: T.CategoryNode[] }, { query: PublicQuery }>
  'GET /catalog/categories/{slug}': Route<T.Category, { path: { slug: string }; query: PublicQuery }>
  'GET /catalog/collections': Route<{ items: T.CollectionSummary[] }, { query: PublicQuery }>
  'GET /catalog/collections/{slug}': Route<T.Collection, { path: { slug: string }; query: PublicQuery }>
  'GET /catalog/listing': Route<T.Listing, { query: ListingQuery }>
  'GET /catalog/suggest': Route<T.Suggestions, { query: PublicQuery & { q: string } }>
  'GET /catalog/products/{slug}': Route<T.ProductPage, { path: { slug: string }; query: PublicQuery }>
  'GET /catalog/products/{id}/reviews': Route<T.Page<T.Review>, { path: { id: string }; query: Paging }>
  'POST /catalog/products/{id}/reviews': Route<
    T.Review,
    { path: { id: string }; body: { rating: number; title: string; body: string } }
  >
  'GET /catalog/sitemap': Route<T.Page<T.SitemapItem>, { query: Paging }>

  // The same for whoever is signed in, at their prices and with what only they may see.
  'GET /account/catalog/categories/{slug}': Route<T.Category, { path: { slug: string }; query: PublicQuery }>
  'GET /account/catalog/collections/{slug}': Route<
    T.Collection,
    { path: { slug: string }; query: PublicQuery }
  >
  'GET /account/catalog/listing': Route<T.Listing, { query: ListingQuery }>
  'GET /account/catalog/suggest': Route<T.Suggestions, { query: PublicQuery & { q: string } }>
  'GET /account/catalog/products/{slug}': Route<T.ProductPage, { path: { slug: string }; query: PublicQuery }>
  'GET /account/catalog/products/{id}/reviews': Route<
    T.Page<T.Review>,
    { path: { id: string }; query: Paging }
  >
  'GET /account/catalog/home': Route<T.HomeRails, { query: PublicQuery }>
  'GET /account/catalog/part-numbers': Route<{ items: T.PartNumber[] }, { query: { products: string } }>

  'GET /session': Route<T.Session>
  'POST /account/register': Route<
    Record<string, never>,
    {
      body: {
        email: string
        password: string
        first_name: string
        last_name: string
        locale: T.Locale
        accepts_marketing: boolean
      }
    }
  >
  'POST /account/verify': Route<T.Session, { body: { token: string } }>
  'POST /account/verify/resend': Route<Record<string, never>, { body: { email: string } }>
  'POST /account/login': Route<T.Session, { body: { email: string; password: string } }>
  'POST /account/logout': Route<None>
  'POST /account/logout-all': Route<None>
  'POST /account/password/forgot': Route<Record<string, never>, { body: { email: string } }>
  'POST /account/password/reset': Route<T.Session, { body: { token: string; password: string } }>
  'GET /account': Route<T.Account>
  'PATCH /account': Route<
    T.Account,
    { body: { first_name?: string; last_name?: string; phone?: string | null; locale?: T.Locale } }
  >
  'DELETE /account': Route<None, { body: { password: string } }>
  'PUT /account/password': Route<None, { body: { current: string; new: string } }>
  'GET /account/export': Route<unknown>
  'GET /account/sessions': Route<{ items: T.AccountSession[] }>
  'DELETE /account/sessions/{id}': Route<None, { path: { id: string } }>
  'GET /account/addresses': Route<{ items: T.Address[] }>
  'POST /account/addresses': Route<T.Address, { body: T.Address }>
  'PUT /account/addresses/{id}': Route<T.Address, { path: { id: string }; body: T.Address }>
  'DELETE /account/addresses/{id}': Route<None, { path: { id: string } }>
  'GET /account/consents': Route<{ items: T.Consent[] }>
  'PUT /account/consents': Route<{ items: T.Consent[] }, { body: { kind: T.ConsentKind; granted: boolean } }>
  'GET /account/wishlist': Route<{ items: T.ProductCard[] }, { query: PublicQuery }>
  'PUT /account/wishlist/{product_id}': Route<None, { path: { product_id: string } }>
  'DELETE /account/wishlist/{product_id}': Route<None, { path: { product_id: string } }>
  'GET /account/bought': Route<{ items: T.BoughtProduct[] }>
  'GET /account/reviews': Route<{ items: T.OwnReview[] }>
  'GET /account/payment-methods': Route<{ items: T.StoredCard[] }>
  'DELETE /account/payment-methods/{id}': Route<None, { path: { id: string } }>
  'PUT /account/payment-methods/{id}/consent': Route<
    { items: T.StoredCard[] },
    { path: { id: string }; body: { merchant_may_charge: boolean } }
  >
  'GET /account/store-credit': Route<{ items: T.StoreCredit[] }>
  'GET /account/orders': Route<T.Page<T.OrderSummary>, { query: Paging }>
  'GET /account/orders/{number}': Route<T.Order, { path: { number: string } }>
  'GET /orders/{number}/returns': Route<
    T.OrderReturns,
    { path: { number: string }; query: { token?: string } }
  >
  'POST /orders/{number}/returns': Route<
    T.Return,
    {
      path: { number: string }
      query: { token?: string }
      body: {
        comment: string
        lines: {
          line_id: string
          quantity: number
          reason: T.ReturnReason
          exchange_variant_id?: string
        }[]
        photos: string[]
      }
    }
  >
  'POST /orders/{number}/returns/{return_id}/cancel': Route<
    T.Return,
    { path: { number: string; return_id: string }; query: { token?: string } }
  >
  'GET /orders/{number}': Route<
    T.Order,
    { path: { number: string }; query: { token: string; locale?: T.Locale } }
  >

  /** The query is taken for a cart that is yet to be made. */
  'GET /cart': Route<T.Cart, { query: PublicQuery }>
  'POST /cart': Route<T.Cart, { query: PublicQuery; body: Record<string, never> }>
  'PATCH /cart': Route<T.Cart, { body: { currency?: string; locale?: T.Locale; country?: string } }>
  'POST /cart/lines': Route<
    T.Cart,
    { query: PublicQuery; body: { variant_id: string; quantity: number; gift?: T.Gift } }
  >
  'PATCH /cart/lines/{line_id}': Route<
    T.Cart,
    { path: { line_id: string }; body: { quantity?: number; gifts?: T.Gift[] } }
  >
  'DELETE /cart/lines/{line_id}': Route<T.Cart, { path: { line_id: string } }>
  'POST /cart/codes': Route<T.Cart, { query: PublicQuery; body: { code: string } }>
  'DELETE /cart/codes/{code}': Route<T.Cart, { path: { code: string } }>

  'POST /checkout': Route<T.Checkout>
  'GET /checkout': Route<T.Checkout>
  'PUT /checkout/contact': Route<
    T.Checkout,
    { body: { email: string; phone?: string; accepts_marketing?: boolean } }
  >
  'PUT /checkout/address': Route<T.Checkout, { body: { shipping: T.Address; billing?: T.Address } }>
  'GET /checkout/shipping-options': Route<{ items: T.ShippingOption[] }>
  'GET /checkout/service-points': Route<
    { items: T.ServicePoint[] },
    { query: { option_id: string; postal_code?: string } }
  >
  'PUT /checkout/shipping': Route<T.Checkout, { body: { option_id: string; service_point_id?: string } }>
  'GET /checkout/payment-methods': Route<{ items: T.PaymentMethod[]; store_credit?: T.Maybe<T.Money> }>
  'POST /checkout/gift-cards': Route<T.Checkout, { body: { code: string } }>
  'PUT /checkout/store-credit': Route<T.Checkout, { body: { use: boolean } }>
  'DELETE /checkout/credits/{id}': Route<T.Checkout, { path: { id: string } }>
  'POST /checkout/complete': Route<
    T.PaymentOutcome,
    {
      body: {
        expected_total: T.Money
        expected_due?: T.Money
        terms_accepted: true
        payment: T.PaymentInput
      }
    }
  >
  'GET /order-payment': Route<T.OrderPayment, { query: { token: string } }>
  'POST /order-payment': Route<
    T.PaymentOutcome,
    { body: { token: string; expected_due: T.Money; payment: T.PaymentInput } }
  >
  'POST /order-payment/{attempt_id}/return': Route<
    T.PaymentOutcome,
    { path: { attempt_id: string }; body: { token: string } }
  >
  'POST /checkout/payments/{attempt_id}/return': Route<T.PaymentOutcome, { path: { attempt_id: string } }>
  'GET /checkout/payments/{attempt_id}': Route<T.PaymentOutcome, { path: { attempt_id: string } }>
}

export type RouteKey = keyof Routes
export type ResponseOf<K extends RouteKey> = Routes[K]['response']

type Member<K extends RouteKey, Name extends string> = Name extends keyof Routes[K]
  ? Routes[K][Name]
  : undefined
/** Members that the route needs are required, and no others are allowed. */
export type InputOf<K extends RouteKey> = (Member<K, 'path'> extends undefined
  ? { path?: undefined }
  : { path: Member<K, 'path'> }) &
  (Member<K, 'query'> extends undefined ? { query?: undefined } : { query?: Member<K, 'query'> }) &
  (Member<K, 'body'> extends undefined ? { body?: undefined } : { body: Member<K, 'body'> })
