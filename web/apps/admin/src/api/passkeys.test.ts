import { afterEach, expect, it, vi } from 'vitest'
import {
  createPasskey,
  deviceProblem,
  fromBase64Url,
  isGivenUp,
  signInWithPasskey,
  toBase64Url,
} from './passkeys'

afterEach(() => vi.unstubAllGlobals())
const bytes = (...values: number[]) => new Uint8Array(values).buffer

it('writes bytes as URL-safe base64 without padding, and reads them', () => {
  expect(toBase64Url(bytes(251, 255, 254))).toBe('-__-')
  expect(toBase64Url(bytes(1))).toBe('AQ')
  expect([...fromBase64Url('-__-')]).toEqual([251, 255, 254])
  expect([...fromBase64Url('AQ')]).toEqual([1])
})

it('asks the device for a discoverable passkey with the person verified, and sends what it made', async () => {
  const calls: [string, unknown][] = []
  vi.stubGlobal('fetch', (async (url, init) => {
    calls.push([String(url), JSON.parse(String(init?.body))])
    if (String(url).endsWith('/options'))
      return Response.json({
        challenge: 'AQID',
        rp_id: 'shop.example',
        rp_name: 'Stoa',
        user_id: 'BA',
        user_name: 'a@x',
        user_display_name: 'Ada',
        algorithms: [-7],
        exclude_credentials: ['BQ'],
        timeout_ms: 300000,
      })
    return Response.json({ id: 'pky_1', name: 'Phone' }, { status: 201 })
  }) as typeof fetch)
  let asked: PublicKeyCredentialCreationOptions | undefined
  vi.stubGlobal('navigator', {
    credentials: {
      create: async (options: CredentialCreationOptions) => {
        asked = options.publicKey
        return { response: { clientDataJSON: bytes(1), attestationObject: bytes(2) } }
      },
    },
  })
  await createPasskey('Phone', 'secret')
  expect(asked?.authenticatorSelection).toEqual({
    residentKey: 'required',
    requireResidentKey: true,
    userVerification: 'required',
  })
  expect(asked?.attestation).toBe('none')
  expect([...new Uint8Array(asked?.challenge as ArrayBuffer)]).toEqual([1, 2, 3])
  expect(asked?.excludeCredentials).toHaveLength(1)
  expect(calls[0]?.[1]).toEqual({ password: 'secret' })
  expect(calls[1]?.[1]).toEqual({ name: 'Phone', client_data_json: 'AQ', attestation_object: 'Ag' })
})

it('signs in with whatever passkey the device offers', async () => {
  const sent: unknown[] = []
  vi.stubGlobal('fetch', (async (_url, init) => {
    sent.push(JSON.parse(String(init?.body)))
    return Response.json(
      sent.length === 1 ? { challenge: 'AQ', rp_id: 'shop.example', timeout_ms: 1 } : { status: 'signed_in' },
    )
  }) as typeof fetch)
  vi.stubGlobal('navigator', {
    credentials: {
      get: async (options: CredentialRequestOptions) => {
        expect(options.publicKey?.allowCredentials).toBeUndefined()
        expect(options.publicKey?.userVerification).toBe('required')
        return {
          rawId: bytes(1),
          response: {
            clientDataJSON: bytes(2),
            authenticatorData: bytes(3),
            signature: bytes(4),
            userHandle: bytes(5),
          },
        }
      },
    },
  })
  expect(await signInWithPasskey()).toEqual({ status: 'signed_in' })
  expect(sent[1]).toEqual({
    credential_id: 'AQ',
    client_data_json: 'Ag',
    authenticator_data: 'Aw',
    signature: 'BA',
    user_handle: 'BQ',
  })
})

it('tells a refusal of the browser from a change of mind', () => {
  expect(isGivenUp(new DOMException('', 'NotAllowedError'))).toBe(true)
  expect(isGivenUp(new DOMException('', 'SecurityError'))).toBe(false)
  expect(deviceProblem(new DOMException('', 'SecurityError'))).toContain('secure connection')
  expect(deviceProblem(new Error('x'))).toBeNull()
})
