/** Does a list of permissions hold one? "*" is everything, "orders.*" all of a resource. The API decides; this only hides. */
export function may(permissions: readonly string[], wanted: string): boolean {
  const resource = wanted.slice(0, wanted.indexOf('.'))
  return permissions.some((held) => held === '*' || held === wanted || held === `${resource}.*`)
}

const RIGHTS: Record<string, string> = {
  '*': 'everything',
  read: 'look',
  create: 'make',
  update: 'change',
  delete: 'delete',
}

/** "Orders: everything" for "orders.*", by what the resource is called where it has a list. */
export function permissionText(code: string, resources: readonly { name: string; label: string }[]): string {
  if (code === '*') return 'Everything'
  const at = code.indexOf('.')
  if (at < 0) return code
  const name = code.slice(0, at)
  const right = code.slice(at + 1)
  const plain = (text: string) => text.replaceAll('_', ' ')
  const label =
    resources.find((entry) => entry.name === name)?.label ??
    (name === 'home' ? 'Today' : plain(name).replace(/^./, (letter) => letter.toUpperCase()))
  return `${label}: ${RIGHTS[right] ?? plain(right)}`
}
