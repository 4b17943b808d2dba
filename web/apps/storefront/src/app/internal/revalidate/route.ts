import { revalidateTag } from 'next/cache'
import { env } from '@/config/env'
import { checkRevalidation } from '@/lib/revalidation'

/** The change feed says what is no longer true. Not reachable from outside: nginx denies /internal. */
export async function POST(request: Request): Promise<Response> {
  const checked = checkRevalidation({
    body: await request.text(),
    signature: request.headers.get('x-stoa-signature'),
    timestamp: request.headers.get('x-stoa-timestamp'),
    secret: env().revalidateSecret,
    now: Date.now(),
  })
  if (!checked.ok) return Response.json({ reason: checked.reason }, { status: checked.status })
  const { tags, mode } = checked.value
  // Words may be stale for one more visitor; prices and stock may not.
  for (const tag of tags) revalidateTag(tag, mode === 'text' ? 'max' : { expire: 0 })
  return Response.json({ revalidated: tags.length })
}
