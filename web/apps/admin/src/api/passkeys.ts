import { queryOptions } from '@tanstack/react-query'
import { request } from './request'
import type { SignInAnswer } from './types'

export type Passkey = {
  id: string
  name: string
  created_at: string
  last_used_at?: string | null
  backed_up: boolean
}
type Creation = {
  challenge: string
  rp_id: string
  rp_name: string
  user_id: string
  user_name: string
  user_display_name: string
  algorithms: number[]
  exclude_credentials: string[]
  timeout_ms: number
}
type Wanted = { challenge: string; rp_id: string; timeout_ms: number }

export const passkeys = queryOptions({
  queryKey: ['passkeys'],
  queryFn: async ({ signal }) =>
    (await request<{ passkeys: Passkey[] }>('GET', '/me/passkeys', { signal })).passkeys,
})

/** URL-safe base64 without padding, as the API writes bytes. */
export function toBase64Url(bytes: ArrayBuffer): string {
  let text = ''
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte)
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  const bytes = new Uint8Array(raw.length)
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at)
  return bytes
}

export const canPasskeys = (): boolean =>
  typeof window !== 'undefined' && typeof window.PublicKeyCredential === 'function'

/** What the person did not want to finish, or could not: nothing to tell about. */
export const isGivenUp = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError')

/** Why the browser, and not the API, refused. */
export function deviceProblem(error: unknown): string | null {
  if (!(error instanceof DOMException)) return null
  if (error.name === 'InvalidStateError') return 'This device has a passkey for your account already.'
  if (error.name === 'SecurityError')
    return 'Passkeys need the shop’s own name in the address, and a secure connection.'
  return 'The browser could not do it. Try again, or use another device.'
}

export async function createPasskey(name: string, password: string): Promise<Passkey> {
  const wanted = await request<Creation>('POST', '/me/passkeys/options', { body: { password } })
  const made = (await navigator.credentials.create({
    publicKey: {
      challenge: fromBase64Url(wanted.challenge),
      rp: { id: wanted.rp_id, name: wanted.rp_name },
      user: {
        id: fromBase64Url(wanted.user_id),
        name: wanted.user_name,
        displayName: wanted.user_display_name,
      },
      pubKeyCredParams: wanted.algorithms.map((alg) => ({ type: 'public-key', alg })),
      excludeCredentials: wanted.exclude_credentials.map((id) => ({
        type: 'public-key',
        id: fromBase64Url(id),
      })),
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      attestation: 'none',
      timeout: wanted.timeout_ms,
    },
  })) as PublicKeyCredential | null
  if (!made) throw new DOMException('nothing was made', 'NotAllowedError')
  const answer = made.response as AuthenticatorAttestationResponse
  return request<Passkey>('POST', '/me/passkeys', {
    body: {
      name,
      client_data_json: toBase64Url(answer.clientDataJSON),
      attestation_object: toBase64Url(answer.attestationObject),
    },
  })
}

export const removePasskey = (id: string, password: string) =>
  request<void>('DELETE', `/me/passkeys/${encodeURIComponent(id)}`, { body: { password } })

/** With any passkey of this shop that the device has: nobody has to say who they are. */
export async function signInWithPasskey(): Promise<SignInAnswer> {
  const wanted = await request<Wanted>('POST', '/session/passkey/options', { body: {} })
  const given = (await navigator.credentials.get({
    publicKey: {
      challenge: fromBase64Url(wanted.challenge),
      rpId: wanted.rp_id,
      userVerification: 'required',
      timeout: wanted.timeout_ms,
    },
  })) as PublicKeyCredential | null
  if (!given) throw new DOMException('nothing was given', 'NotAllowedError')
  const answer = given.response as AuthenticatorAssertionResponse
  return request<SignInAnswer>('POST', '/session/passkey', {
    body: {
      credential_id: toBase64Url(given.rawId),
      client_data_json: toBase64Url(answer.clientDataJSON),
      authenticator_data: toBase64Url(answer.authenticatorData),
      signature: toBase64Url(answer.signature),
      user_handle: answer.userHandle ? toBase64Url(answer.userHandle) : '',
    },
  })
}
