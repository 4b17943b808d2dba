import { ApiError, isApiError } from '@stoa/api-client'
import { Button, Spinner, Toaster } from '@stoa/ui'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { Component, lazy, type ReactNode, Suspense } from 'react'
import { session } from './api/session'
import { BlockSkeleton, Failure, Nothing } from './components/states'
import { Home } from './features/home/home'
import { OrderDesk } from './features/orders/desk'
import { OrderPage } from './features/orders/order'
import { AuditLog } from './features/resources/audit'
import { ResourceList } from './features/resources/list'
import { RecordPage } from './features/resources/record'
import { FirstPassword } from './features/session/first-password'
import { SignIn } from './features/session/sign-in'
import { type History, Link, type Route, Router, Routes, usePlace } from './lib/router'
import { Shell } from './shell/shell'

const Import = lazy(() =>
  import('./features/resources/import').then((module) => ({ default: module.Import })),
)
const PickingList = lazy(() =>
  import('./features/orders/picking').then((module) => ({ default: module.PickingList })),
)
const GiftCards = lazy(() =>
  import('./features/gift-cards/gift-cards').then((module) => ({ default: module.GiftCards })),
)
const Account = lazy(() =>
  import('./features/account/account').then((module) => ({ default: module.Account })),
)
const ReturnDesk = lazy(() =>
  import('./features/returns/desk').then((module) => ({ default: module.ReturnDesk })),
)
const ReturnPage = lazy(() =>
  import('./features/returns/return').then((module) => ({ default: module.ReturnPage })),
)
const ReturnRules = lazy(() =>
  import('./features/returns/rules').then((module) => ({ default: module.ReturnRules })),
)
const PaymentCases = lazy(() =>
  import('./features/payment-cases/cases').then((module) => ({ default: module.PaymentCases })),
)
const CasePage = lazy(() =>
  import('./features/payment-cases/case').then((module) => ({ default: module.CasePage })),
)
const FailedJobs = lazy(() =>
  import('./features/operations/jobs').then((module) => ({ default: module.FailedJobs })),
)
const Webhooks = lazy(() =>
  import('./features/webhooks/webhooks').then((module) => ({ default: module.Webhooks })),
)

const routes: Route[] = [
  { pattern: '/', render: () => <Home /> },
  { pattern: '/orders', render: () => <OrderDesk /> },
  { pattern: '/orders/:id', render: ({ id = '' }) => <OrderPage key={id} id={id} /> },
  { pattern: '/returns', render: () => <ReturnDesk /> },
  { pattern: '/returns/:id', render: ({ id = '' }) => <ReturnPage key={id} id={id} /> },
  { pattern: '/return-rules', render: () => <ReturnRules /> },
  { pattern: '/r/audit', render: () => <AuditLog /> },
  { pattern: '/r/:resource', render: ({ resource = '' }) => <ResourceList key={resource} name={resource} /> },
  {
    pattern: '/r/:resource/new',
    render: ({ resource = '' }) => <RecordPage key={`${resource}/new`} name={resource} />,
  },
  {
    pattern: '/r/:resource/import',
    render: ({ resource = '' }) => <Import key={resource} name={resource} />,
  },
  {
    pattern: '/r/:resource/:id',
    render: ({ resource = '', id = '' }) => <RecordPage key={`${resource}/${id}`} name={resource} id={id} />,
  },
  { pattern: '/picking', render: () => <PickingList /> },
  { pattern: '/gift-cards', render: () => <GiftCards /> },
  { pattern: '/payment-cases', render: () => <PaymentCases /> },
  { pattern: '/payment-cases/:id', render: ({ id = '' }) => <CasePage key={id} id={id} /> },
  { pattern: '/jobs', render: () => <FailedJobs /> },
  { pattern: '/webhooks', render: () => <Webhooks /> },
  { pattern: '/account', render: () => <Account /> },
]

export function createQueryClient(): QueryClient {
  // Whoever is signed out elsewhere sees the sign-in page here, at the next answer.
  const ended = (error: unknown) => {
    if (isApiError(error, 'staff.login_required')) client.setQueryData(session.queryKey, null)
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: ended }),
    mutationCache: new MutationCache({ onError: ended }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What was refused is refused again; what was not answered may be.
        retry: (times, error) => times < 2 && !(error instanceof ApiError && error.status < 500),
      },
    },
  })
  return client
}

class Boundary extends Component<{ path: string; children: ReactNode }, { error: unknown; path: string }> {
  override state = { error: null as unknown, path: this.props.path }
  static getDerivedStateFromError(error: unknown) {
    return { error }
  }
  static getDerivedStateFromProps(props: { path: string }, state: { error: unknown; path: string }) {
    return props.path === state.path ? null : { error: null, path: props.path }
  }
  override render() {
    if (!this.state.error) return this.props.children
    return (
      <Nothing
        page
        title="This page has failed"
        action={
          <Button size="sm" onClick={() => window.location.reload()}>
            Load it again
          </Button>
        }
      >
        Nothing was sent. If it happens again, tell support what you did.
      </Nothing>
    )
  }
}

function Content() {
  const found = useQuery(session)
  const { path } = usePlace()
  if (found.isPending)
    return (
      <main className="grid min-h-dvh place-items-center" aria-label="Loading">
        <Spinner className="size-6 text-muted-foreground" />
      </main>
    )
  if (found.error && found.data === undefined)
    return (
      <main className="mx-auto max-w-lg px-4 py-20">
        <Failure error={found.error} retry={() => found.refetch()} title="The back office does not answer" />
      </main>
    )
  if (found.data?.status !== 'signed_in') return <SignIn second={found.data?.status === 'second_factor'} />
  const { staff } = found.data
  if (staff.must_change_password) return <FirstPassword staff={staff} />
  return (
    <Shell staff={staff}>
      <Boundary path={path}>
        <Suspense fallback={<BlockSkeleton />}>
          <Routes
            routes={routes}
            otherwise={
              <Nothing page title="There is no such page" action={<Link href="/">Go to today</Link>}>
                The address may have been mistyped, or the page has moved.
              </Nothing>
            }
          />
        </Suspense>
      </Boundary>
    </Shell>
  )
}

export function App({ client, history }: { client: QueryClient; history: History }) {
  return (
    <QueryClientProvider client={client}>
      <Router history={history}>
        <Content />
        <Toaster closeLabel="Close" regionLabel="Messages" />
      </Router>
    </QueryClientProvider>
  )
}
