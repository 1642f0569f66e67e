/** When something is on the screen: later work then disturbs nobody. */

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

/** What was found out is on the screen; later work disturbs nobody. */
export function painted(): Promise<void> {
  return new Promise((done) =>
    nextFrame(() =>
      nextFrame(() => {
        if ('requestIdleCallback' in window) requestIdleCallback(() => done(), { timeout: 500 })
        else setTimeout(done, 50)
      }),
    ),
  )
}
