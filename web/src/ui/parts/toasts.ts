/** What was done, said in passing, with a way back where there is one. */
export interface Toast {
  id: number
  text: string
  act?: {
    label: string
    run: () => void
    /** It takes back what was done. */
    undoes?: boolean
  }
  /** It stands until it is closed. */
  stays?: boolean
}

let last = 0
let shown: readonly Toast[] = []
const listeners = new Set<() => void>()

/** More than these cover what one is doing: the oldest goes. */
const AT_ONCE = 3

export function toast(news: Omit<Toast, 'id'>): number {
  const id = ++last
  tell([...shown, { ...news, id }].slice(-AT_ONCE))
  return id
}

export function dismiss(id: number): void {
  const rest = shown.filter((one) => one.id !== id)
  if (rest.length < shown.length) tell(rest)
}

/** Takes back what was done last, while that is offered. */
export function takeBack(): boolean {
  const last = shown.findLast(({ act }) => act?.undoes)
  if (!last?.act) return false
  dismiss(last.id)
  last.act.run()
  return true
}

export const toasts = {
  value: (): readonly Toast[] => shown,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

function tell(next: readonly Toast[]): void {
  shown = next
  for (const listener of [...listeners]) listener()
}
