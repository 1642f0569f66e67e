/** Holds the state and tells who listens; many changes in one turn are told once. */
import { empty, type State } from './model'
import { reduce, type Action } from './reducer'

/** Calls back later, once for all that was asked until then; `soon` for what the reader did. */
export type Schedule = (then: () => void, soon: boolean) => void

/** What comes from the others, and may come in a rush. */
const fromOthers = new Set<Action['type']>(['event', 'typing', 'users', 'read'])

/** At the end of this turn. */
function atEndOfTurn(): Schedule {
  let asked = false
  return (then) => {
    if (asked) return
    asked = true
    queueMicrotask(() => {
      asked = false
      then()
    })
  }
}

export class Store {
  private current: State = empty
  private readonly listeners = new Set<() => void>()

  constructor(private readonly schedule: Schedule = atEndOfTurn()) {}

  get state(): State {
    return this.current
  }

  dispatch(action: Action): void {
    const next = reduce(this.current, action)
    if (next === this.current) return
    this.current = next
    this.schedule(this.tell, !fromOthers.has(action.type))
  }

  private readonly tell = (): void => {
    for (const listener of [...this.listeners]) listener()
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
