/** When a connection may have died without a word: after a sleep, or with another network. */

const TICK_MS = 5_000
/** A clock that jumps by more than this has slept, also where the page was never hidden. */
const SLEPT_MS = 3 * TICK_MS

/** Not every browser has it. */
type Network = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>

/** Calls `then` each time; the answer ends that. */
export function waking(then: () => void): () => void {
  const { connection } = navigator as { connection?: Network }
  const heard: [Network | undefined, string][] = [
    [window, 'online'],
    [window, 'focus'],
    [window, 'pageshow'],
    [document, 'visibilitychange'],
    [document, 'resume'],
    [connection, 'change'],
  ]
  for (const [from, name] of heard) from?.addEventListener(name, then)
  let last_ms = Date.now()
  const tick = setInterval(() => {
    const now_ms = Date.now()
    if (now_ms - last_ms > SLEPT_MS) then()
    last_ms = now_ms
  }, TICK_MS)
  return () => {
    clearInterval(tick)
    for (const [from, name] of heard) from?.removeEventListener(name, then)
  }
}
