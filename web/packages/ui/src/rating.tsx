import { cn } from './cn'

const STAR = 'M10 1.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8L10 14.9l-5.2 2.7 1-5.8L1.6 7.7l5.8-.8z'

/** Five stars filled to `average` (in tenths: 46 is 4.6). `label` says the same in words. */
export function Rating({
  average,
  label,
  className,
}: {
  average: number
  label: string
  className?: string
}) {
  const percent = Math.max(0, Math.min(100, (average / 50) * 100))
  return (
    <span
      role="img"
      aria-label={label}
      className={cn('relative inline-block h-4 w-20 text-border', className)}
    >
      <Stars />
      <span
        className="absolute inset-y-0 left-0 overflow-hidden text-warning"
        style={{ width: `${percent}%` }}
      >
        <Stars />
      </span>
    </span>
  )
}

function Stars() {
  return (
    <svg viewBox="0 0 100 20" className="h-4 w-20" fill="currentColor" aria-hidden="true">
      {[0, 1, 2, 3, 4].map((n) => (
        <path key={n} d={STAR} transform={`translate(${n * 20} 0)`} />
      ))}
    </svg>
  )
}
