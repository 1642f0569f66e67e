/** What is pasted as more than letters: formatted text and tables become Markdown, an address a link. */
import type { ClipboardEvent } from 'react'
import { toggleLink } from '../../core/write/edits'
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
  if (html === '' ? !mayBeTable(text) : !mayBeFormatted(html)) return false
  // Reading HTML is for those who paste some: until it is there, the browser does nothing.
  void import('../../core/write/html').then(({ tableOf, toMarkdown }) => {
    const markdown = html === '' ? tableOf(text) : toMarkdown(html)
    put(field, markdown ?? text)
  })
  return true
}

function put(field: HTMLTextAreaElement, text: string): void {
  const { value, selectionStart: at } = field
  const lines = /^(?:[|#>]|[-*] |\d+\. |```)/.test(text)
  const before = lines && at > 0 && value[at - 1] !== '\n' ? '\n' : ''
  insert(field, (before + text).replaceAll('\r\n', '\n').normalize('NFC'))
}

function mayBeTable(text: string): boolean {
  return /\t.*\n.*\t/.test(text)
}

/** Anything in it that says more than its words. */
function mayBeFormatted(html: string): boolean {
  return /<(?:b|strong|i|em|s|del|strike|code|kbd|samp|pre|a|ul|ol|blockquote|table|h[1-6]|hr)[\s>/]|font-(?:weight|style)|line-through/i.test(
    html,
  )
}

function inCode(text: string, at: number): boolean {
  const before = text.slice(0, at)
  if ((before.match(/^[ \t]*```/gm)?.length ?? 0) % 2 === 1) return true
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return (line.match(/`/g)?.length ?? 0) % 2 === 1
}
