import { expect } from '@playwright/test'

export const sandboxUrl = process.env.SANDBOX_URL ?? 'http://127.0.0.1:8003'

export type Mail = {
  id: string
  to: string
  subject: string
  text: string
  html: string
  received_at: string
}

async function inbox(): Promise<Mail[]> {
  const answer = await fetch(`${sandboxUrl}/__sandbox/mails`)
  if (!answer.ok) throw new Error(`The sandbox's inbox answers ${answer.status}`)
  return ((await answer.json()) as { items: Mail[] }).items
}

/** Those to this address that say this, which are there by now. */
export async function mailsTo(address: string, says: string | RegExp): Promise<Mail[]> {
  const fits = (mail: Mail) =>
    mail.to.toLowerCase().includes(address.toLowerCase()) &&
    (typeof says === 'string'
      ? mail.subject.includes(says) || mail.text.includes(says)
      : says.test(mail.subject + mail.text))
  return (await inbox()).filter(fits)
}

/** Waits for a mail to this address that says this, and returns it. */
export async function mailTo(address: string, says: string | RegExp): Promise<Mail> {
  let found: Mail | undefined
  const look = async () => {
    found = (await mailsTo(address, says))[0]
    return found !== undefined
  }
  await expect.poll(look, { message: `a mail to ${address} that says ${says}`, timeout: 30_000 }).toBe(true)
  if (!found) throw new Error('unreachable')
  return found
}

/** The first address in a mail's text whose path fits. */
export function linkIn(mail: Mail, path: RegExp): string {
  const link = mail.text.match(/https?:\/\/\S+/g)?.find((url) => path.test(new URL(url).pathname))
  if (!link) throw new Error(`No link to ${path} in the mail "${mail.subject}":\n${mail.text}`)
  return link.replace(/[)>.,]+$/, '')
}

let counter = 0
/** An address that nobody has used before, also not in an earlier run against the same shop. */
export const freshEmail = (who: string): string =>
  `${who}.${Date.now().toString(36)}${(counter++).toString(36)}@example.com`
