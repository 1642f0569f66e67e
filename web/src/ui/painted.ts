/** When something is on the screen: later work then disturbs nobody. */
import { useEffect, useState } from 'react'

/** In a window that nobody sees there are no frames, and soon is enough. */
export function nextFrame(then: () => void): () => void {
  const cancel = () => {
    clearTimeout(timer)
    cancelAnimationFrame(frame)
  }
  const done = () => {
    cancel()
    then()
  }
  const timer = setTimeout(done, 100)
  const frame = requestAnimationFrame(done)
  return cancel
}

/** What was just drawn is on the screen. */
function painted(): Promise<void> {
  return new Promise((done) =>
    nextFrame(() =>
      nextFrame(() => {
        if ('requestIdleCallback' in window) requestIdleCallback(() => done(), { timeout: 500 })
        else setTimeout(done, 50)
      }),
    ),
  )
}

let isOpen = false
let open: () => void = () => undefined
const first = new Promise<void>((done) => {
  open = done
})

/** The place that one came for was just drawn. */
export function nowOpen(): void {
  void painted().then(() => {
    isOpen = true
    open()
  })
}

/**
 * The place that one came for is on the screen: what nobody reads first is asked for from then on.
 * Whoever asks later waits for nothing.
 */
export const opened = (): Promise<void> => first

export function useOpened(): boolean {
  const [is, setIs] = useState(() => isOpen)
  useEffect(() => {
    if (is) return
    let over = false
    void first.then(() => {
      if (!over) setIs(true)
    })
    return () => {
      over = true
    }
  }, [is])
  return is
}
