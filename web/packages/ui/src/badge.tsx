import { cva, type VariantProps } from 'class-variance-authority'
import type { ReactNode } from 'react'
import { cn } from './cn'

const badge = cva('inline-flex items-center rounded-sm px-2 py-0.5 text-xs font-medium whitespace-nowrap', {
  variants: {
    tone: {
      neutral: 'bg-secondary text-secondary-foreground',
      paper: 'bg-background text-foreground',
      accent: 'bg-accent text-accent-foreground',
      sale: 'bg-sale-ground text-sale',
      success: 'bg-success-ground text-success',
      warning: 'bg-warning-ground text-warning',
      destructive: 'bg-destructive-ground text-destructive',
    },
  },
  defaultVariants: { tone: 'neutral' },
})

export function Badge({
  tone,
  className,
  children,
}: VariantProps<typeof badge> & { className?: string; children: ReactNode }) {
  return <span className={cn(badge({ tone }), className)}>{children}</span>
}
