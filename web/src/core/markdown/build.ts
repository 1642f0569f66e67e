/** From parts in a row to a tree. */
import type { Run } from './delimiters'
import { plainLeaves } from './leaves'
import type { Flow } from './lines'
import type { Inline, Link, Styled } from './tree'

/** What a text is put together from. */
export type Part =
  | { kind: 'text'; from: number; to: number }
  | { kind: 'node'; node: Inline }
  | { kind: 'run'; run: Run }
  | { kind: 'bracket'; from: number; to: number; link?: { href: string; warn?: string } }
  | { kind: 'end'; to: number }

/** Nested deeper, marks are only text: a page has to draw it. */
const DEEPEST = 12

export function buildInline(flow: Flow, parts: readonly Part[]): Inline[] {
  const root: Inline[] = []
  const open: (Styled | Link)[] = []
  /** Pairs that stand too deep. */
  const flat = new Set<number>()
  let links = 0
  /** Text that is together in the source stays together. */
  let pending: { start: number; end: number }[] = []

  const here = () => open.at(-1)?.children ?? root
  const settle = () => {
    for (const span of pending) here().push(...plainLeaves(flow.source, span, []))
    pending = []
  }
  const plain = (from: number, to: number) => {
    for (const span of flow.spans(from, to)) {
      const last = pending.at(-1)
      if (last?.end === span.start) last.end = span.end
      else pending.push(span)
    }
  }
  const enter = (node: Styled | Link) => {
    settle()
    here().push(node)
    open.push(node)
  }
  const leave = (to: number) => {
    settle()
    const node = open.pop()
    if (node) node.end = flow.at(to - 1) + 1
  }

  for (const part of parts) {
    switch (part.kind) {
      case 'text':
        plain(part.from, part.to)
        break
      case 'node':
        settle()
        // No link within a link.
        if (links > 0 && part.node.type === 'link') here().push(...part.node.children)
        else here().push(part.node)
        break
      case 'bracket': {
        if (!part.link) {
          plain(part.from, part.to)
          break
        }
        const start = flow.at(part.from)
        enter({ type: 'link', start, end: start, ...part.link, children: [] })
        links += 1
        break
      }
      case 'end':
        leave(part.to)
        links -= 1
        break
      case 'run': {
        const { run } = part
        let at = run.from
        for (const { id, length } of run.closes) {
          if (flat.has(id)) plain(at, at + length)
          else leave(at + length)
          at += length
        }
        plain(at, at + run.left)
        at += run.left
        for (const { id, length, type } of run.opens) {
          if (open.length >= DEEPEST) {
            flat.add(id)
            plain(at, at + length)
          } else {
            const start = flow.at(at)
            enter({ type, start, end: start, children: [] })
          }
          at += length
        }
      }
    }
  }
  settle()
  return root
}
