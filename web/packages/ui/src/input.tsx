import type { ComponentProps } from 'react'
import { cn } from './cn'

export const controlClass =
  'w-full min-w-0 rounded-md border border-input bg-card px-3.5 text-base text-foreground placeholder:text-muted-foreground transition-colors focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-ring disabled:opacity-55 aria-invalid:border-destructive aria-invalid:outline-destructive'

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input {...props} className={cn(controlClass, 'h-11', className)} />
}

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea rows={4} {...props} className={cn(controlClass, 'py-2.5', className)} />
}
