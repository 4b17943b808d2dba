import { env } from '@/config/env'
import { paths } from '@/config/paths'
import { defaultLocale, isLocale } from '@/i18n/locales'

const VARIANT = /^var_[a-z0-9_]{1,64}$/

function seeOther(path: string, cookies: string[] = []): Response {
  const headers = new Headers({ location: path, 'cache-control': 'no-store' })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}

/**
 * "Add to cart" of a browser without JavaScript. Passes the shopper's cookies and the Origin on, so that the API
 * judges this call as it judges all others, and hands its cookies back.
 */
export async function POST(request: Request): Promise<Response> {
  const form = await request.formData()
  const text = (name: string) => {
    const value = form.get(name)
    return typeof value === 'string' ? value : ''
  }
  const asked = text('locale')
  const locale = isLocale(asked) ? asked : defaultLocale
  const cart = paths.cart(locale)
  const problemPage = paths.cartProblem(locale)
  const variantId = text('variant_id')
  const quantity = Number.parseInt(text('quantity') || '1', 10)
  if (!VARIANT.test(variantId) || !(quantity >= 1 && quantity <= 999)) return seeOther(problemPage)

  const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json' })
  for (const name of [
    'cookie',
    'origin',
    'user-agent',
    'x-forwarded-for',
    'x-forwarded-proto',
    'x-request-id',
  ]) {
    const value = request.headers.get(name)
    if (value) headers.set(name, value)
  }
  let answer: Response
  try {
    answer = await fetch(`${env().apiOrigin}/api/v1/cart/lines?locale=${locale}`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ variant_id: variantId, quantity }),
      redirect: 'manual',
      signal: AbortSignal.timeout(5000),
    })
  } catch {
    return seeOther(problemPage)
  }
  const cookies = answer.headers.getSetCookie()
  return seeOther(answer.ok ? cart : problemPage, cookies)
}
