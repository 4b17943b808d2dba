import { expect, it } from 'vitest'
import { isEmail } from './email'

it.each(["ada.o'hara+shop@mail.example.com", ' ada@example.com ', 'a@xn--mller-kva.de', 'x_1@a-b.co'])(
  'takes %s',
  (email) => expect(isEmail(email)).toBe(true),
)

it.each([
  '',
  'ada',
  'ada@',
  '@example.com',
  'ada@example',
  'a b@example.com',
  '<ada@example.com>',
  'a@example.com.',
  'a@b..com',
  'a@-b.com',
  'anna..m@example.com',
  '.anna@example.com',
  'anna.@example.com',
  'jürgen@example.com',
  'ada@müller.de',
  'a@exa_mple.com',
  'a\u200b@example.com',
  'a@b.c',
  `${'a'.repeat(65)}@example.com`,
])('refuses "%s", which the mailer could not write to', (email) => expect(isEmail(email)).toBe(false))
