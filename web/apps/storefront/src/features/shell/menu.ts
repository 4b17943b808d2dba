import type { MenuItem } from '@stoa/api-client'

/** A heading such as "More" only gathers what is below it. */
export const leadsSomewhere = (item: MenuItem): boolean =>
  item.href !== '' && (item.children.length === 0 || !/^\/(?:[a-z]{2})?$/.test(item.href))
