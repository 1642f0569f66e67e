/** Which emoji this machine can draw: a newer one would be a box, or fall into its parts. */

/** One emoji of each version, newest first. */
const samples: [version: number, emoji: string][] = [
  [17, '\u{1FAEA}'],
  [16, '\u{1FAE9}'],
  [15.1, '\u{1F426}\u200D\u{1F525}'],
  [15, '\u{1FAE8}'],
  [14, '\u{1FAE0}'],
]

let newest: number | undefined

export function drawn(version: number): boolean {
  newest ??= samples.find(([, emoji]) => isDrawn(emoji))?.[0] ?? 13
  return version <= newest
}

/** It is as wide as one emoji, and not the box that stands for what no font has. */
function isDrawn(emoji: string): boolean {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  if (!paint) return true
  paint.font = '32px sans-serif'
  const one = paint.measureText('😀').width
  if (paint.measureText(emoji).width > one * 1.4) return false
  const pixels = (text: string) => {
    paint.canvas.width = paint.canvas.height = 40
    paint.font = '32px sans-serif'
    paint.fillText(text, 0, 32)
    return paint.getImageData(0, 0, 40, 40).data.join()
  }
  return pixels(emoji) !== pixels('\u{10FFFD}')
}
