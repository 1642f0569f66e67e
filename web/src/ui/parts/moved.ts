/** Moving within a list by keys, without a browser. */

/** Where a key leads within `count` things, or `null` where it leads nowhere. */
export function moved(
  key: string,
  at: number,
  count: number,
  axis: 'vertical' | 'horizontal' = 'vertical',
  /** From an end to the other. */
  round = true,
): number | null {
  if (count === 0) return null
  const [back, forth] = axis === 'vertical' ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight']
  if (key === forth && (round || at + 1 < count)) return (at + 1) % count
  if (key === back && (round || at > 0)) return at <= 0 ? count - 1 : at - 1
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return null
}
