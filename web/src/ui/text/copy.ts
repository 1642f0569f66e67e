/** Puts a text on the clipboard; false where the browser does not let. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

/** Where the page is not served securely there is no clipboard, only the old command. */
function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'unseen'
  const focused = document.activeElement
  // Within an open dialog only its own elements can be selected.
  const host = focused?.closest('dialog') ?? document.body
  host.append(field)
  field.select()
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is nothing else without TLS
  const done = document.execCommand('copy')
  field.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return done
}
