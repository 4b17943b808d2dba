import { cn } from '@stoa/ui'

/** A colonnade, which is what a stoa is. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 28 28" className={className} fill="none" aria-hidden="true">
      <path
        d="M2 7.5 14 2l12 5.5M3.5 25.5h21M6 10v12.5M14 10v12.5M22 10v12.5"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

export function Logo({ name, className }: { name: string; className?: string }) {
  const [first = name, ...rest] = name.split(' ')
  return (
    <span className={cn('inline-flex items-center gap-2.5', className)}>
      <Mark className="size-7 text-primary" />
      <span className="headline translate-y-0.5 text-[1.5rem] leading-none">
        {first}
        {rest.length > 0 ? <span className="text-muted-foreground"> {rest.join(' ')}</span> : null}
      </span>
    </span>
  )
}
