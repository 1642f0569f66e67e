/** A text as a file on the reader's device. */
export function download(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  // Spreadsheets take a table for UTF-8 only with this mark before it.
  const url = URL.createObjectURL(new Blob([`\ufeff${text}`], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser reads it after the click.
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
