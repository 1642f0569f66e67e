export interface Difference {
  /** Where they are not of one size. */
  size?: string
  share?: number
  /** What differs in red, as a PNG in base64. */
  picture?: string
}
export function compare(
  pictures: readonly [before: string, after: string, noticed: number],
): Promise<Difference>
