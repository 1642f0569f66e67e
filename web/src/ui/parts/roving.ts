/** Moving within a list by keys, without a browser. */
import { rank } from '../../core/hangul'

/** Where a key leads within `count` things, or `null` where it leads nowhere. */
export function moved(
  key: string,
  at: number,
  count: number,
  axis: 'vertical' | 'horizontal' = 'vertical',
): number | null {
  if (count === 0) return null
  const [back, forth] = axis === 'vertical' ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight']
  if (key === forth) return (at + 1) % count
  if (key === back) return at <= 0 ? count - 1 : at - 1
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return null
}

/**
 * The next label that begins as was typed: letters add up as long as they find something, one letter
 * again goes on to the next. Initial consonants find syllables, and each keyboard the other's words.
 */
export function typedTo(
  typed: { current: string },
  letter: string,
  labels: readonly string[],
  at: number,
): number | null {
  // Even ranks are those of a beginning.
  const fits = (text: string) => (label: string) => (rank(text, label) ?? 1) % 2 === 0
  const whole = typed.current + letter
  if (typed.current !== '' && whole !== letter.repeat(whole.length)) {
    const here = labels.findIndex(fits(whole))
    if (here >= 0) {
      typed.current = whole
      return here
    }
  }
  typed.current = letter
  const order = labels.map((_, index) => (at + 1 + index) % labels.length)
  return order.find((index) => fits(letter)(labels[index] ?? '')) ?? null
}
