import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { resources } from '../../api/resources'
import type { Resource } from '../../api/types'
import { BlockSkeleton, Failure, Nothing } from '../../components/states'
import { Link } from '../../lib/router'

/** The description of a resource, and the page that needs it once it is there. */
export function WithResource({
  name,
  children,
}: {
  name: string
  children: (resource: Resource) => ReactNode
}) {
  const known = useQuery(resources)
  if (known.isPending) return <BlockSkeleton />
  if (known.error && !known.data) return <Failure error={known.error} retry={() => known.refetch()} />
  const resource = known.data?.find((entry) => entry.name === name)
  if (!resource)
    return (
      <Nothing page title="There is no such list" action={<Link href="/">Go to today</Link>}>
        It may not be part of your role.
      </Nothing>
    )
  return children(resource)
}
