/** Whether a key belongs to the input method and nobody else may act on it. */
export function isComposing(e: KeyboardEvent): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- 229 is told nowhere else
  return e.isComposing || e.keyCode === 229
}
