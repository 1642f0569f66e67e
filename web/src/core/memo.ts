/** The last answer of a function, kept for as long as it is asked the same. */
export function memo<A extends readonly unknown[], T>(make: (...args: A) => T): (...args: A) => T {
  let last: { args: A; value: T } | undefined
  return (...args) => {
    if (last && args.every((arg, n) => Object.is(arg, last?.args[n]))) return last.value
    last = { args, value: make(...args) }
    return last.value
  }
}

/** Whether two lists hold the same things in the same order. */
export function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, n) => Object.is(one, b[n]))
}
