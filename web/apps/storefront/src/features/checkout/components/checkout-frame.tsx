'use client'
import { type Checkout, isApiError, type Session } from '@stoa/api-client'
import { Alert, Button, Check, ChevronRight, cn, Skeleton } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { Fragment, type ReactNode, useEffect, useState } from 'react'
import { paths } from '@/config/paths'
import { useSession } from '@/features/account/api/get-session'
import { errorKey } from '@/lib/error-message'
import { checkoutQuery } from '../api/checkout'
import { mayVisit, openStep, type Step, steps, stepsOf } from '../steps'
import { useCheckoutStore } from '../store'
import { HoldNotice } from './hold-notice'
import { StockProblem } from './stock-problem'
import { Summary, SummarySkeleton } from './summary'

/** A step's page: the way through at the top, its form, the order at the side. Who came too early is sent back. */
export function CheckoutFrame({
  step,
  children,
}: {
  step: Step
  children: (checkout: Checkout) => ReactNode
}) {
  const locale = useLocale()
  const router = useRouter()
  const query = useQuery(checkoutQuery(locale))
  const chosen = useCheckoutStore((store) => store.chosen)
  const session = useSession()
  const person = session.data?.customer?.id ?? 'nobody'
  const signedOut = useSignedOut(session.data)
  const checkout = query.data
  const open = checkout ? openStep(checkout, chosen) : undefined
  const early = open !== undefined && !mayVisit(step, open)
  const empty = isApiError(query.error, 'cart.empty') || checkout?.cart.lines.length === 0
  useEffect(() => {
    if (empty && !signedOut) router.replace(paths.cart(locale))
    else if (early && open) router.replace(paths.checkout(locale, open))
  }, [empty, signedOut, early, open, router, locale])

  return (
    <>
      <StepNav step={step} open={open ?? step} delivers={checkout?.cart.needs_delivery ?? true} />
      <div className="grid gap-x-16 gap-y-8 lg:grid-cols-[minmax(0,1fr)_minmax(20rem,25rem)]">
        <aside className="lg:order-2">
          {/* Nobody orders without having the goods before their eyes. */}
          {checkout ? (
            <Summary checkout={checkout} open={step === 'review'} />
          ) : query.isError ? null : (
            <SummarySkeleton />
          )}
        </aside>
        <div className="min-w-0">
          {empty && signedOut ? (
            <SignedOut />
          ) : query.isError && !empty ? (
            <CheckoutProblem error={query.error} onRetry={() => query.refetch()} />
          ) : checkout && !early && !empty ? (
            <>
              <HoldNotice expiresAt={checkout.hold_expires_at ?? undefined} />
              {/* What one person typed is not there for the next. */}
              <Fragment key={person}>{children(checkout)}</Fragment>
            </>
          ) : (
            <StepSkeleton />
          )}
        </div>
      </div>
    </>
  )
}

/** Whoever was signed in on this page is no longer, and the cart went with the session. */
function useSignedOut(session: Session | undefined): boolean {
  const [known, setKnown] = useState(false)
  const signedIn = Boolean(session?.customer)
  useEffect(() => {
    if (signedIn) setKnown(true)
  }, [signedIn])
  // The page is kept when it is left, and may be shown again to somebody else.
  useEffect(() => () => setKnown(false), [])
  return known && session !== undefined && !signedIn
}

function SignedOut() {
  const locale = useLocale()
  const t = useTranslations('checkout.signedOut')
  return (
    <Alert
      tone="warning"
      title={t('title')}
      action={
        <Link
          href={paths.login(locale, paths.checkout(locale))}
          prefetch={false}
          className="font-medium underline underline-offset-4"
        >
          {t('action')}
        </Link>
      }
    >
      {t('text')}
    </Alert>
  )
}

export function CheckoutProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const locale = useLocale()
  const t = useTranslations('checkout')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  if (isApiError(error, 'checkout.stock_unavailable')) return <StockProblem details={error.details} />
  const inCart = isApiError(error, 'checkout.line_unavailable')
  return (
    <Alert
      tone="error"
      title={inCart ? t('lineTitle') : t('failed')}
      action={
        inCart ? (
          <Link href={paths.cart(locale)} className="font-medium underline underline-offset-4">
            {t('stockAction')}
          </Link>
        ) : (
          <Button size="sm" variant="outline" onClick={onRetry}>
            {common('retry')}
          </Button>
        )
      }
    >
      {errors(errorKey(error))}
    </Alert>
  )
}

function StepNav({ step, open, delivers }: { step: Step; open: Step; delivers: boolean }) {
  const locale = useLocale()
  const t = useTranslations('checkout.steps')
  return (
    <nav aria-label={t('label')} className="mb-8 lg:mb-12">
      <ol className="flex flex-wrap items-center gap-x-1.5 gap-y-1 text-sm sm:gap-x-3">
        {stepsOf(delivers).map((name, index) => {
          const done = steps.indexOf(name) < steps.indexOf(open)
          const current = name === step
          return (
            <li key={name} className="flex items-center gap-x-1.5 sm:gap-x-3">
              {index > 0 ? (
                <ChevronRight className="size-3.5 text-muted-foreground" aria-hidden="true" />
              ) : null}
              {mayVisit(name, open) && !current ? (
                <Link
                  href={paths.checkout(locale, name)}
                  prefetch={false}
                  className="tap inline-flex items-center gap-1 rounded-sm py-1 underline-offset-4 hover:underline"
                >
                  {t(name)}
                  {done ? (
                    <>
                      <Check className="size-3.5 text-success" aria-hidden="true" />
                      <span className="sr-only">, {t('done')}</span>
                    </>
                  ) : null}
                </Link>
              ) : (
                <span
                  aria-current={current ? 'step' : undefined}
                  className={cn('py-1', current ? 'font-medium' : 'text-muted-foreground')}
                >
                  {t(name)}
                </span>
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

function StepSkeleton() {
  const common = useTranslations('common')
  return (
    <div role="status">
      <span className="sr-only">{common('loading')}</span>
      <Skeleton className="h-8 w-56" />
      {[0, 1, 2, 3].map((row) => (
        <div key={row} className="mt-6">
          <Skeleton className="h-4 w-24" />
          <Skeleton className="mt-2 h-11 w-full" />
        </div>
      ))}
    </div>
  )
}

/** Title of a step, with the way back to change an earlier one. */
export function StepTitle({ children }: { children: ReactNode }) {
  return <h1 className="headline mb-6 text-2xl lg:text-3xl">{children}</h1>
}

const MOST_FRAMES = 60

/** Puts the keyboard where something has to be mended, as soon as the page says so: what the server refused is drawn some frames later. */
export function focusFirstProblem(form: HTMLFormElement | null, frames = MOST_FRAMES) {
  requestAnimationFrame(() => {
    const field = form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-problem] input')
    if (field) field.focus()
    else if (frames > 0) focusFirstProblem(form, frames - 1)
  })
}
