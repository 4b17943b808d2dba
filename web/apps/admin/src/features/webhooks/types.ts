/** "order.*, product.changed" as typed: each once, in its order. */
export const typesOf = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\s,]+/)
      .map((type) => type.trim())
      .filter(Boolean),
  ),
]
