import type { ReactNode } from 'react'
import type { Inline, Leaf, Link, Mention } from '../../core/markdown/tree'
import { useWords } from '../../i18n'
import { useChat } from '../context'
import { go } from '../route'
import { useStop } from '../timeline/stop'
import { Spoiler } from './Spoiler'

/** Ranges of the source that a search found. */
export type Marks = readonly (readonly number[])[]

interface Props {
  source: string
  nodes: readonly Inline[]
  marks: Marks
}

export function Inlines({ source, nodes, marks }: Props): ReactNode {
  const out: ReactNode[] = []
  for (const node of nodes) {
    // Text and emoji next to each other are one piece for the page.
    if (node.type === 'text' || node.type === 'emoji') {
      for (const piece of marked(source, node, marks)) {
        const last = out.at(-1)
        if (typeof piece === 'string' && typeof last === 'string')
          out[out.length - 1] = last + piece
        else out.push(piece)
      }
    } else {
      out.push(<OneInline key={node.start} source={source} node={node} marks={marks} />)
    }
  }
  return out
}

function OneInline({ source, node, marks }: { source: string; node: Inline; marks: Marks }) {
  if (node.type === 'mention') return <MentionMark source={source} mention={node} marks={marks} />
  if (node.type === 'shown')
    return node.kind === 'host' ? (
      <span title={source.slice(node.start, node.end)}>{node.as}</span>
    ) : (
      <Control name={node.as} />
    )
  if (!('children' in node)) return marked(source, node, marks)
  const children = <Inlines source={source} nodes={node.children} marks={marks} />
  switch (node.type) {
    case 'strong':
      return <strong>{children}</strong>
    case 'em':
      return <em>{children}</em>
    case 'strike':
      return <s>{children}</s>
    case 'code':
      return <code>{children}</code>
    case 'spoiler':
      return <Spoiler>{children}</Spoiler>
    case 'link':
      return <Anchor link={node}>{children}</Anchor>
  }
}

function Anchor({ link, children }: { link: Link; children: ReactNode }) {
  const w = useWords()
  const stop = useStop()
  // A link to a place in here opens here.
  const inside = link.href.startsWith(`${location.origin}/`)
  return (
    <>
      <a
        href={link.href}
        title={link.href}
        tabIndex={stop}
        target={inside ? undefined : '_blank'}
        rel="noopener nofollow ugc"
        onClick={(e) => {
          if (!inside || e.metaKey || e.ctrlKey || e.shiftKey) return
          e.preventDefault()
          go(link.href.slice(location.origin.length))
        }}
      >
        {children}
      </a>
      {link.warn !== undefined && <span className="link-host">{w.leadsTo(link.warn)}</span>}
    </>
  )
}

/** A character that turns the direction of what follows: its name stands in its place. */
export function Control({ name }: { name: string }) {
  const w = useWords()
  return (
    <span className="control" title={w.controlCharacter}>
      {name}
    </span>
  )
}

interface MentionProps {
  source: string
  mention: Mention
  marks: Marks
}

function MentionMark({ source, mention, marks }: MentionProps) {
  const me = useChat((state) => state.me?.id)
  const name = useChat((state) =>
    mention.user === undefined ? undefined : state.users[mention.user]?.display_name,
  )
  const mine = mention.everybody === true || (mention.user !== undefined && mention.user === me)
  return (
    <span className={mine ? 'mention mention-me' : 'mention'} title={name}>
      {marked(source, mention, marks)}
    </span>
  )
}

/** A leaf's text, cut where something in it is marked. */
export function marked(source: string, { start, end }: Leaf, marks: Marks): ReactNode[] {
  const out: ReactNode[] = []
  let at = start
  for (const [from = 0, to = 0] of marks) {
    if (to <= at || from >= end) continue
    const first = Math.max(from, at)
    const last = Math.min(to, end)
    if (first > at) out.push(source.slice(at, first))
    out.push(<mark key={`m${first}`}>{source.slice(first, last)}</mark>)
    at = last
  }
  if (at < end) out.push(source.slice(at, end))
  return out
}
