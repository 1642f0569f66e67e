/** Holds the state and tells who listens; many changes in one turn are told once. */
import { empty, type State } from './model'
import { reduce, type Action } from './reducer'

/** Calls back later: at the end of this turn, or with the next frame. */
export type Schedule = (then: () => void) => void

export class Store {
  private current: State = empty
  private readonly listeners = new Set<() => void>()
  private telling = false

  constructor(private readonly schedule: Schedule = queueMicrotask) {}

  get state(): State {
    return this.current
  }

  dispatch(action: Action): void {
    const next = reduce(this.current, action)
    if (next === this.current) return
    this.current = next
    if (this.telling) return
    this.telling = true
    this.schedule(() => {
      this.telling = false
      for (const listener of [...this.listeners]) listener()
    })
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

/** Reads a part of the state; what is equal to the last answer counts as the same. */
export function selection<T>(
  store: Store,
  select: (state: State) => T,
  equal: (a: T, b: T) => boolean,
): () => T {
  let last: { value: T } | undefined
  return () => {
    const value = select(store.state)
    if (!last || !equal(last.value, value)) last = { value }
    return last.value
  }
}
