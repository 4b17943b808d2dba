import { ApiError, NetworkError } from '@stoa/api-client'
import type { Messages } from '@/i18n/messages'

/** Which sentence a problem is told with. Every code the shop can meet is in this one table. */
const KEYS: Record<string, keyof Messages['errors']> = {
  'cart.out_of_stock': 'outOfStock',
  'cart.insufficient_stock': 'insufficientStock',
  'cart.variant_unavailable': 'unavailable',
  'cart.variant_unknown': 'unavailable',
  'cart.quantity_limit': 'quantityLimit',
  'cart.line_limit': 'quantityLimit',
  'cart.line_not_found': 'cartChanged',
  'cart.version_conflict': 'cartChanged',
  'cart.not_found': 'cartEmpty',
  'cart.empty': 'cartEmpty',
  'cart.code_limit': 'codeLimit',
  'cart.too_many_code_attempts': 'codesLimited',
  'promotions.code_unknown': 'codeUnknown',
  'promotions.limit_reached': 'limitReached',
  'promotions.customer_limit_reached': 'customerLimitReached',
  'promotions.wrong_customer': 'wrongCustomer',
  'checkout.not_started': 'checkoutMissing',
  'checkout.line_unavailable': 'lineUnavailable',
  'checkout.stock_unavailable': 'stockUnavailable',
  'checkout.hold_expired': 'stockUnavailable',
  'checkout.total_changed': 'totalChanged',
  'checkout.contact_missing': 'contactMissing',
  'checkout.address_missing': 'addressMissing',
  'checkout.shipping_missing': 'shippingMissing',
  'checkout.shipping_option_unknown': 'shippingMissing',
  'checkout.payment_in_progress': 'paymentInProgress',
  'checkout.already_completed': 'alreadyCompleted',
  'checkout.too_many_payments': 'tooManyPayments',
  'checkout.payment_not_found': 'paymentNotFound',
  'checkout.order_cancelled': 'orderCancelled',
  'shipping.option_unknown': 'shippingMissing',
  'shipping.service_point_unknown': 'pointUnknown',
  'shipping.unavailable': 'shippingUnavailable',
  'payments.gift_card_unknown': 'giftCardUnknown',
  'payments.gift_card_expired': 'giftCardExpired',
  'payments.gift_card_currency': 'giftCardCurrency',
  'payments.gift_card_empty': 'giftCardEmpty',
  'payments.gift_card_suspended': 'giftCardSuspended',
  'payments.gift_card_too_many': 'giftCardTooMany',
  'payments.credit_short': 'creditShort',
  'checkout.nothing_due': 'nothingDue',
  'payments.attempt_open': 'paymentInProgress',
  'payments.already_paid': 'alreadyCompleted',
  'payments.stored_method_unknown': 'storedMethodUnknown',
  'payments.declined_by_bank': 'declinedByBank',
  'payments.declined_funds': 'declinedFunds',
  'payments.declined_data': 'declinedData',
  'payments.declined_security': 'declinedSecurity',
  'payments.declined_authentication': 'declinedAuthentication',
  'payments.declined_try_later': 'declinedTryLater',
  'payments.declined_other_method': 'declinedOtherMethod',
  'payments.declined_technical': 'declinedTechnical',
  'account.login_required': 'loginRequired',
  'account.invalid_credentials': 'invalidCredentials',
  'account.token_invalid': 'tokenInvalid',
  'account.weak_password': 'weakPassword',
  'account.rate_limited': 'tooManyTries',
  'account.address_limit': 'addressLimit',
  'account.wishlist_full': 'wishlistFull',
  'catalog.review_not_a_buyer': 'reviewNotBuyer',
  'catalog.review_exists': 'reviewExists',
  'orders.not_found': 'orderNotFound',
  'orders.document_not_found': 'orderNotFound',
  'orders.return_quantity': 'returnQuantity',
  'orders.return_photo_invalid': 'returnPhotoInvalid',
  'orders.return_photos_full': 'returnPhotosFull',
  'orders.return_photo_unknown': 'returnPhotoUnknown',
  'orders.exchange_unknown': 'exchangeUnknown',
  'orders.return_transition_not_allowed': 'returnMoved',
  'http.invalid_fields': 'invalidFields',
}

/** The sentence for a code that came inside an answer, as a declined payment's does. */
export const codeKey = (code: string): keyof Messages['errors'] => KEYS[code] ?? 'unexpected'

export function errorKey(error: unknown): keyof Messages['errors'] {
  if (error instanceof NetworkError) return 'unreachable'
  if (error instanceof ApiError) {
    const known = KEYS[error.code]
    if (known) return known
    if (error.status === 429 || error.status === 503) return 'busy'
    if (error.status === 502 || error.status === 504) return 'unreachable'
  }
  return 'unexpected'
}
