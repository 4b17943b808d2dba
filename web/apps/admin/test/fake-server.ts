import type { IncomingMessage, ServerResponse } from 'node:http'
import { makeFake } from './fake'

/** The stand-in behind Vite's development server. */
export function middleware() {
  const fake = makeFake()
  return async (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const url = new URL(request.url ?? '/', 'http://office')
    if (!url.pathname.startsWith('/api/v1/admin')) return next()
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const found = fake.answer({
      method: request.method ?? 'GET',
      path: url.pathname.replace('/api/v1/admin', ''),
      query: url.searchParams,
      body: request.headers['content-type'] === 'application/json' ? JSON.parse(text) : text,
      ifMatch: request.headers['if-match'] ?? null,
    })
    response.writeHead(found.status, {
      'content-type': found.status >= 400 ? 'application/problem+json' : 'application/json',
    })
    response.end(found.body === undefined ? undefined : JSON.stringify(found.body))
  }
}
