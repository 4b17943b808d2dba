import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { renderToStaticMarkup } from 'react-dom/server'

function Part({ use }: { use: () => void }) {
  use()
  return null
}

/** What a hook gives a component that is rendered once. */
export function hookResult<T>(queries: QueryClient, hook: () => T): T {
  let result: { value: T } | undefined
  renderToStaticMarkup(
    <QueryClientProvider client={queries}>
      <Part
        use={() => {
          result = { value: hook() }
        }}
      />
    </QueryClientProvider>,
  )
  if (!result) throw new Error('It was not rendered.')
  return result.value
}
