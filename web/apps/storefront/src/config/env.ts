import 'server-only'

type Env = {
  /** Where the server finds the API. */
  apiOrigin: string
  /** The origin that shoppers see, without a slash at the end. */
  publicUrl: string
  revalidateSecret: string
}

function url(name: string, fallback: string): string {
  const value = process.env[name] ?? fallback
  try {
    return new URL(value).origin
  } catch {
    throw new Error(`${name} must be an absolute URL such as ${fallback}, not "${value}"`)
  }
}

let parsed: Env | undefined

/** Read once, at the first use, so that a build needs none of it. */
export function env(): Env {
  parsed ??= {
    apiOrigin: url('API_ORIGIN', 'http://127.0.0.1:8001'),
    publicUrl: url('PUBLIC_URL', 'http://localhost:8000'),
    revalidateSecret: process.env.REVALIDATE_SECRET ?? '',
  }
  return parsed
}
