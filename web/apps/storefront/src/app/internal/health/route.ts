import { connection } from 'next/server'

/** Alive. Whether the API is, the API says itself. */
export async function GET(): Promise<Response> {
  await connection()
  return Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } })
}
