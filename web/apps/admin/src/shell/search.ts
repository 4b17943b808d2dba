export type Hit = { resource: string; id: string; label: string; detail: string }

/** Orders have a page of their own; everything else is shown by its resource. */
export const recordHref = (resource: string, id: string): string =>
  resource === 'orders'
    ? `/orders/${encodeURIComponent(id)}`
    : `/r/${encodeURIComponent(resource)}/${encodeURIComponent(id)}`
export const hitHref = (hit: Hit): string => recordHref(hit.resource, hit.id)

/** Every word that was typed begins a word of the label. */
export function matches(label: string, typed: string): boolean {
  const have = label.toLowerCase().split(/\s+/)
  return typed
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => have.some((part) => part.startsWith(word)))
}
