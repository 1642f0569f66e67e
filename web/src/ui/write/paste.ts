/** What is pasted as more than letters: formatted text and tables become Markdown, an address a link. */
import type { ClipboardEvent } from 'react'
import { toggleLink } from '../../core/write/edits'
import { tableOf, toMarkdown } from '../../core/write/html'
import { apply, insert, selectedIn } from './field'

/** Puts it into the field; false where the browser may paste as it does. */
export function pasted(e: ClipboardEvent<HTMLTextAreaElement>): boolean {
  const field = e.currentTarget
  const data = e.clipboardData
  const text = data.getData('text/plain')
  const selected = selectedIn(field)
  const over = selected.text.slice(selected.start, selected.end)
  if (/^https?:\/\/\S+$/i.test(text.trim()) && over.trim() !== '' && !/^https?:/i.test(over)) {
    apply(field, toggleLink(selected, text.trim()))
    return true
  }
  // Within code everything is as it was copied.
  if (inCode(selected.text, selected.start)) return false
  const html = data.getData('text/html')
  const markdown = html === '' ? tableOf(text) : toMarkdown(html)
  if (markdown === null || markdown === text.trim()) return false
  const lines = /^(?:[|#>]|[-*] |\d+\. |```)/.test(markdown)
  const before =
    lines && selected.start > 0 && selected.text[selected.start - 1] !== '\n' ? '\n' : ''
  insert(field, (before + markdown).normalize('NFC'))
  return true
}

function inCode(text: string, at: number): boolean {
  const before = text.slice(0, at)
  if ((before.match(/^[ \t]*```/gm)?.length ?? 0) % 2 === 1) return true
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return (line.match(/`/g)?.length ?? 0) % 2 === 1
}
