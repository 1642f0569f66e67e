/** What is done to a field by others than its keys. Never while a syllable is open in it. */
import type { Edit, Selected } from '../../core/write/edits'

export function selectedIn(field: HTMLTextAreaElement): Selected {
  return { text: field.value, start: field.selectionStart, end: field.selectionEnd }
}

/** Does it as if it had been typed: the browser tells of the input and can undo it. */
export function apply(field: HTMLTextAreaElement, edit: Edit): void {
  field.focus()
  field.setSelectionRange(edit.from, edit.to)
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way that undo knows of
  const done = document.execCommand(edit.text === '' ? 'delete' : 'insertText', false, edit.text)
  if (!done) {
    field.setRangeText(edit.text, edit.from, edit.to, 'end')
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  field.setSelectionRange(edit.start, edit.end)
}

/** Another text, as if the field were new. */
export function fill(field: HTMLTextAreaElement, text: string): void {
  field.value = text
}

/** Puts a text where the caret is. */
export function insert(
  field: HTMLTextAreaElement,
  text: string,
  from = field.selectionStart,
): void {
  const at = from + text.length
  apply(field, { from, to: field.selectionEnd, text, start: at, end: at })
}

/** Ends an open syllable: only then the text may be written to. */
export function endComposition(field: HTMLTextAreaElement): void {
  field.blur()
  field.focus()
}
