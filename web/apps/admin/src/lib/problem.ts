import { ApiError, NetworkError } from '@stoa/api-client'

const WORDS: Record<string, string> = {
  'staff.login_required': 'Your session has ended. Sign in again.',
  'staff.forbidden': 'Your role does not include this.',
  'staff.over_limit': 'This is above the amount your role may decide.',
  'http.not_found': 'It is not here, or no longer.',
  'http.unavailable': 'The shop is starting or too busy; try again in a moment.',
}

/** What happened, in a sentence for a person. */
export function problemText(error: unknown): string {
  if (error instanceof NetworkError)
    return 'The server cannot be reached. Check the connection and try again.'
  if (error instanceof ApiError) {
    const known = WORDS[error.code]
    if (known) return known
    if (error.detail) return error.detail
    if (error.status === 429)
      return `Too many attempts. Try again ${error.retryAfter ? `in ${error.retryAfter} seconds` : 'later'}.`
    if (error.status === 403) return 'Your role does not include this.'
    if (error.status === 404) return 'It is not here, or no longer.'
    if (error.status >= 500)
      return 'The server failed at this. Nothing was changed by you; try again in a moment.'
    return `The server refused: ${error.code}.`
  }
  return 'Something went wrong in this page. Load it again.'
}

/** Messages by field, from JSON pointers such as "/price/amount" or "/values/price": the first for each. */
export function fieldErrors(error: unknown): Record<string, string> {
  const found: Record<string, string> = {}
  if (!(error instanceof ApiError)) return found
  for (const { pointer, message, code } of error.errors) {
    const parts = pointer
      .replace(/^\/(values|input)(?=\/)/, '')
      .split('/')
      .slice(1)
      .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'))
    const name = parts[0]
    if (!name) continue
    const text = sentence(message || code)
    found[name] ??= text
    // A row of an inline: "/lines/0/quantity"
    if (parts.length > 2) found[`${name}.${parts[1]}.${parts[2]}`] ??= text
    else if (parts.length === 2) found[`${name}.${parts[1]}`] ??= text
  }
  return found
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
