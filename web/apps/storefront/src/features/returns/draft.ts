import type { OrderReturns } from '@stoa/api-client'
import type { ReturnWish } from './api/returns-query'

export const REASONS = [
  'changed_mind',
  'damaged',
  'defective',
  'wrong_item',
  'not_as_described',
  'late',
  'other',
] as const
export type Reason = (typeof REASONS)[number]

export type LineDraft = {
  chosen: boolean
  quantity: number
  reason: Reason | ''
  /** The variant that is wanted instead; empty: the money back. */
  exchange: string
}
export type Draft = { lines: Record<string, LineDraft>; comment: string }

export const emptyLine: LineDraft = { chosen: false, quantity: 1, reason: '', exchange: '' }

export type DraftProblem = 'nothing' | 'reason' | 'exchangeStock'

/** What was filled in as a request, or what is missing, by line ('' for the whole). */
export function wishOf(
  returns: Pick<OrderReturns, 'returnable'>,
  draft: Draft,
): { wish: ReturnWish } | { problems: Record<string, DraftProblem> } {
  const problems: Record<string, DraftProblem> = {}
  const wish: ReturnWish = { comment: draft.comment.trim(), lines: [] }
  for (const line of returns.returnable) {
    const filled = draft.lines[line.line_id]
    if (!filled?.chosen || line.quantity === 0) continue
    const instead = line.exchanges.find(({ variant_id }) => variant_id === filled.exchange)
    if (!filled.reason) problems[line.line_id] = 'reason'
    else if (instead && instead.available < filled.quantity) problems[line.line_id] = 'exchangeStock'
    else
      wish.lines.push({
        line_id: line.line_id,
        quantity: Math.min(filled.quantity, line.quantity),
        reason: filled.reason,
        ...(instead ? { exchange_variant_id: instead.variant_id } : {}),
      })
  }
  if (Object.keys(problems).length > 0) return { problems }
  if (wish.lines.length === 0) return { problems: { '': 'nothing' } }
  return { wish }
}
