/** A count and its noun. What the first page also speaks stands in a file that only it loads. */
export const amount = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : `${one}s`}`
