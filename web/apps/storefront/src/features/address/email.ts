const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/** Can mail be sent there? The rule of the API's mailer: what it could not address must not get as far as an order. */
export function isEmail(text: string): boolean {
  const email = text.trim()
  const at = email.lastIndexOf('@')
  if (at < 1 || at > 64 || email.length > 254) return false
  const labels = email.slice(at + 1).split('.')
  return (
    LOCAL.test(email.slice(0, at)) &&
    labels.length > 1 &&
    (labels.at(-1)?.length ?? 0) > 1 &&
    labels.every((label) => LABEL.test(label))
  )
}
