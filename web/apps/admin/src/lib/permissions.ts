/** Does a list of permissions hold one? "*" is everything, "orders.*" all of a resource. The API decides; this only hides. */
export function may(permissions: readonly string[], wanted: string): boolean {
  const resource = wanted.slice(0, wanted.indexOf('.'))
  return permissions.some((held) => held === '*' || held === wanted || held === `${resource}.*`)
}
