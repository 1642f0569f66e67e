/** Lights the found words up in the message that is open, without touching its elements. */

const NAME = 'found'
const WAIT_MS = 4_000

/** Waits for the message to be there; gives back what takes the light away. */
export function light(words: readonly string[]): () => void {
  const registry = typeof CSS !== 'undefined' && 'highlights' in CSS ? CSS.highlights : undefined
  if (!registry || words.length === 0) return () => undefined
  const wanted = [...new Set(words.map((word) => word.toLowerCase()))]
  const show = (): boolean => {
    const text = document.querySelector('.message[data-targeted=true] .text')
    if (!text) return false
    const ranges = find(text, wanted)
    if (ranges.length > 0) registry.set(NAME, new Highlight(...ranges))
    return true
  }
  if (show()) return () => registry.delete(NAME)
  const watch = new MutationObserver(() => {
    if (show()) watch.disconnect()
  })
  watch.observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['data-targeted'],
  })
  const timer = setTimeout(() => watch.disconnect(), WAIT_MS)
  return () => {
    clearTimeout(timer)
    watch.disconnect()
    registry.delete(NAME)
  }
}

function find(root: Element, words: readonly string[]): Range[] {
  const ranges: Range[] = []
  const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    const text = node.nodeValue?.toLowerCase() ?? ''
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = document.createRange()
        range.setStart(node, at)
        range.setEnd(node, at + word.length)
        ranges.push(range)
      }
    }
  }
  return ranges
}
