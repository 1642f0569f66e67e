/** Finding within a list by letters, without a browser. */
import { rank } from '../../core/hangul'

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
