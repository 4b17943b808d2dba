import { type ClassValue, clsx } from 'clsx'

/**
 * Joins class names. It does not resolve conflicts between Tailwind utilities (that would cost every page 8 kB):
 * a component's `className` is for what it does not set itself, such as margins, width and grid placement;
 * everything else is a variant.
 */
export function cn(...inputs: ClassValue[]): string {
  return clsx(inputs)
}
