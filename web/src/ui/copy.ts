/** Puts a text where the next paste finds it. */
export async function copy(text: string): Promise<void> {
  // Browsers have the clipboard on secure origins only; a house on plain http copies as of old.
  if ('clipboard' in navigator && window.isSecureContext) {
    await navigator.clipboard.writeText(text)
    return
  }
  const { activeElement } = document
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'unseen'
  document.body.append(field)
  field.select()
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way without https
  const done = document.execCommand('copy')
  field.remove()
  if (activeElement instanceof HTMLElement) activeElement.focus()
  if (!done) throw new Error('nothing was copied')
}
