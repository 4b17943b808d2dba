import { useQuery } from '@tanstack/react-query'
import { resources, rows, titleOf } from './resources'

/** All warehouses, where the clerk may see them. */
export function useWarehouses(): { id: string; name: string }[] {
  const resource = useQuery(resources).data?.find((entry) => entry.name === 'warehouses')
  const found = useQuery({
    ...rows('warehouses', 'limit=200'),
    staleTime: 5 * 60_000,
    retry: false,
    enabled: resource !== undefined,
  })
  if (!resource) return []
  return (found.data?.rows ?? []).map((row) => ({ id: String(row.id), name: titleOf(resource, row) }))
}

/**
 * What the records of a resource are called, by their ids. One page of its list is asked for, so this names all of what is
 * few (categories, warehouses) and the first of what is many.
 */
export function useNames(name: string | null | undefined): (id: string) => string | undefined {
  const target = useQuery(resources).data?.find((resource) => resource.name === name)
  const found = useQuery({
    ...rows(target?.name ?? '', 'limit=200'),
    staleTime: 5 * 60_000,
    retry: false,
    enabled: target !== undefined,
  })
  return (id) => {
    const row = target && found.data?.rows.find((entry) => entry.id === id)
    return row ? titleOf(target, row) : undefined
  }
}
