import { type Answer, type At, type FakeRequest, nothing, ok, problem, staff } from './answers'

/** Who is signed in, with what, and where else. Without a session every other call is refused here. */
export function makeSignIn(at: At) {
  let signedIn = true
  let secondFactor = false
  let totp = { enabled: false, recovery_codes_left: 0 }
  let passkeys = [
    { id: 'pky_1', name: 'Phone', created_at: at(43200), last_used_at: at(60), backed_up: true },
  ]
  let sessions = [
    { id: 'sses_1', current: true, user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36' },
    {
      id: 'sses_2',
      current: false,
      user_agent: 'Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Safari/605.1',
    },
  ].map((entry) => ({
    ...entry,
    staff_id: staff.id,
    name: staff.name,
    email: staff.email,
    ip: '192.0.2.7',
    created_at: at(9000),
    last_seen_at: at(entry.current ? 0 : 600),
  }))
  sessions.push({
    id: 'sses_3',
    current: false,
    user_agent: 'Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/132.0',
    staff_id: 'stf_other',
    name: 'Cleo Clerk',
    email: 'cleo@stoa.example',
    ip: '192.0.2.8',
    created_at: at(9000),
    last_seen_at: at(1200),
  })

  return ({ method, path, body }: FakeRequest): Answer | undefined => {
    const input = (body ?? {}) as Record<string, unknown>
    const call = `${method} ${path}`
    if (call === 'POST /session') {
      if (input.password !== 'secret') return problem(401, 'staff.invalid_credentials')
      if (input.email === 'two@stoa.example') {
        secondFactor = true
        return ok({ status: 'second_factor', methods: ['totp'] })
      }
      signedIn = true
      return ok({ status: 'signed_in', staff })
    }
    if (call === 'POST /session/totp') {
      if (!secondFactor) return problem(401, 'staff.login_required')
      if (input.code !== '123456')
        return problem(422, 'staff.invalid_code', {
          errors: [{ pointer: '/code', code: 'wrong', message: 'is wrong' }],
        })
      signedIn = true
      return ok({ status: 'signed_in', staff })
    }
    if (call === 'DELETE /session') {
      signedIn = false
      return nothing
    }
    if (!signedIn) return problem(401, 'staff.login_required')
    if (call === 'GET /session') return ok({ status: 'signed_in', staff })
    if (call === 'GET /sessions') return ok({ sessions })
    if (method === 'DELETE' && path.startsWith('/sessions/')) {
      sessions = sessions.filter((entry) => `/sessions/${entry.id}` !== path)
      return nothing
    }
    if (call === 'GET /me/passkeys') return ok({ passkeys })
    if (method === 'DELETE' && path.startsWith('/me/passkeys/')) {
      passkeys = passkeys.filter((entry) => `/me/passkeys/${entry.id}` !== path)
      return nothing
    }
    if (call === 'GET /me/totp') return ok(totp)
    if (call === 'POST /me/totp')
      return input.password === 'secret'
        ? ok({
            secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
            otpauth_uri: 'otpauth://totp/Stoa:clerk?secret=JBSWY3DPEHPK3PXP',
          })
        : problem(401, 'staff.invalid_credentials')
    if (call === 'POST /me/totp/confirm') {
      if (input.code !== '123456') return problem(422, 'staff.invalid_code')
      totp = { enabled: true, recovery_codes_left: 10 }
      return ok({ recovery_codes: Array.from({ length: 10 }, (_, index) => `abcd-${1000 + index}`) })
    }
    if (call === 'DELETE /me/totp') {
      totp = { enabled: false, recovery_codes_left: 0 }
      return nothing
    }
    if (call === 'PUT /me/password')
      return input.current === 'secret' ? nothing : problem(401, 'staff.invalid_credentials')
    return undefined
  }
}
