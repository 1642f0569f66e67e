/** Holds the state and tells who listens; many changes in one turn are told once. */
import { empty, type State } from './model'
import { reduce, type Action } from './reducer'

export class Store {
  private current: State = empty
  private readonly listeners = new Set<() => void>()
  private telling = false

  get state(): State {
    return this.current
  }

  dispatch(action: Action): void {
    const next = reduce(this.current, action)
    if (next === this.current) return
    this.current = next
    if (this.telling) return
    this.telling = true
    queueMicrotask(() => {
      this.telling = false
      for (const listener of [...this.listeners]) listener()
    })
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}
