import type { NewReturn, REASONS } from '../../api/returns'

export type LineWish = { units: string; reason: (typeof REASONS)[number] | ''; comment: string }
export type ReturnDraft = {
  lines: Record<string, LineWish>
  comment: string
  override: boolean
}

export const noWish: LineWish = { units: '', reason: '', comment: '' }

/** What was typed as a return to open, or what is wrong with it, by line ('' for the whole). */
export function newReturnOf(
  lines: readonly { id: string; quantity: number }[],
  draft: ReturnDraft,
): { wish: NewReturn } | { errors: Record<string, string> } {
  const errors: Record<string, string> = {}
  const wanted: NewReturn['lines'] = []
  for (const { id, quantity } of lines) {
    const { units, reason, comment } = draft.lines[id] ?? noWish
    const text = units.trim()
    if (text === '' || /^0+$/.test(text)) continue
    if (!/^\d+$/.test(text) || Number(text) > quantity) errors[id] = `At most ${quantity} can come back.`
    else if (!reason) errors[id] = 'Say why.'
    else
      wanted.push({
        line_id: id,
        quantity: Number(text),
        reason,
        ...(comment.trim() ? { comment: comment.trim() } : {}),
      })
  }
  if (Object.keys(errors).length > 0) return { errors }
  if (wanted.length === 0) return { errors: { '': 'Say what comes back.' } }
  return {
    wish: {
      lines: wanted,
      ...(draft.comment.trim() ? { comment: draft.comment.trim() } : {}),
      ...(draft.override ? { override: true } : {}),
    },
  }
}
