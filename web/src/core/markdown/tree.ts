/**
 * A message's text as a tree. Nothing is copied out of it: every leaf is a range of the source in
 * UTF-16 units, as mentions and search highlights are, so that these stay where they are. Leaves
 * are in order and never overlap; what lies between them is markup.
 */
export interface Span {
  start: number
  end: number
}

/** A stretch of the source that is shown as it stands. */
export interface Text extends Span {
  type: 'text'
}

/** Something that is shown otherwise than it stands: a host as punycode, a control character. */
export interface Shown extends Span {
  type: 'shown'
  as: string
  kind: 'host' | 'control'
}

export interface Mention extends Span {
  type: 'mention'
  /** Unknown where an old message has no ranges. */
  user?: number
  /** All of the room is meant. */
  everybody?: true
}

export interface Emoji extends Span {
  type: 'emoji'
}

export interface Link extends Span {
  type: 'link'
  href: string
  /** Where it really leads, when the text could make one believe something else. */
  warn?: string
  children: Inline[]
}

export interface Styled extends Span {
  type: 'strong' | 'em' | 'strike' | 'spoiler'
  children: Inline[]
}

export interface Code extends Span {
  type: 'code'
  children: Leaf[]
}

export type Leaf = Text | Shown | Mention | Emoji
export type Inline = Leaf | Link | Styled | Code

export interface Paragraph extends Span {
  type: 'paragraph'
  children: Inline[]
}

export interface Heading extends Span {
  type: 'heading'
  level: number
  children: Inline[]
}

export interface Quote extends Span {
  type: 'quote'
  children: Block[]
}

export interface Item extends Span {
  /** The number it has in the source, in a list with numbers. */
  value?: number
  /** A task, done or not. */
  checked?: boolean
  children: Block[]
}

export interface List extends Span {
  type: 'list'
  ordered: boolean
  items: Item[]
}

export interface CodeBlock extends Span {
  type: 'code_block'
  /** The first word behind the fence, in lower case; empty where there is none. */
  language: string
  children: Leaf[]
}

export type Align = 'left' | 'center' | 'right' | null

export interface Table extends Span {
  type: 'table'
  align: Align[]
  head: Inline[][]
  rows: Inline[][][]
}

export interface Rule extends Span {
  type: 'rule'
}

export type Block = Paragraph | Heading | Quote | List | CodeBlock | Table | Rule

export interface Tree {
  source: string
  blocks: Block[]
}

/** Every leaf of the tree, in order. */
export function leaves(blocks: readonly Block[]): Leaf[] {
  const out: Leaf[] = []
  const inline = (nodes: readonly Inline[]) => {
    for (const node of nodes) {
      if ('children' in node) inline(node.children)
      else out.push(node)
    }
  }
  const block = (node: Block) => {
    switch (node.type) {
      case 'paragraph':
      case 'heading':
      case 'code_block':
        inline(node.children)
        break
      case 'quote':
        node.children.forEach(block)
        break
      case 'list':
        for (const item of node.items) item.children.forEach(block)
        break
      case 'table':
        for (const row of [node.head, ...node.rows]) row.forEach(inline)
        break
      case 'rule':
        break
    }
  }
  blocks.forEach(block)
  return out
}
