/** Set by the API beside the session, for buyers who have prices or products of their own. It opens nothing. */
export const BUYER_COOKIE = 'stoa_buyer'
