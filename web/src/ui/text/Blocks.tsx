import type { ReactNode } from 'react'
import type { Block, Inline, Item, List, Table, Tree } from '../../core/markdown/tree'
import { useWords } from '../../i18n'
import { CodeBlock } from './CodeBlock'
import { Inlines, type Marks } from './Inlines'

interface Props {
  tree: Tree
  blocks: readonly Block[]
  marks: Marks
  /** Stands behind the last word. */
  tail?: ReactNode
}

export function Blocks({ tree, blocks, marks, tail }: Props) {
  const last = blocks.at(-1)
  const inside = last?.type === 'paragraph'
  return (
    <>
      {blocks.map((block) => (
        <OneBlock
          key={block.start}
          tree={tree}
          block={block}
          marks={marks}
          tail={inside && block === last ? tail : null}
        />
      ))}
      {!inside && tail}
    </>
  )
}

interface BlockProps {
  tree: Tree
  block: Block
  marks: Marks
  tail: ReactNode
}

function OneBlock({ tree, block, marks, tail }: BlockProps) {
  const inline = (nodes: readonly Inline[]) => (
    <Inlines source={tree.source} nodes={nodes} marks={marks} />
  )
  switch (block.type) {
    case 'paragraph':
      return (
        <p dir="auto">
          {inline(block.children)}
          {tail}
        </p>
      )
    case 'heading':
      // The page's own headings are for the page; a message's are only large.
      return (
        <p className="heading" data-level={block.level} dir="auto">
          {inline(block.children)}
        </p>
      )
    case 'quote':
      return (
        <blockquote>
          <Blocks tree={tree} blocks={block.children} marks={marks} />
        </blockquote>
      )
    case 'list':
      return <ListBlock tree={tree} list={block} marks={marks} />
    case 'code_block':
      return <CodeBlock source={tree.source} block={block} marks={marks} />
    case 'table':
      return <TableBlock table={block} inline={inline} />
    case 'rule':
      return <hr />
  }
}

function ListBlock({ tree, list, marks }: { tree: Tree; list: List; marks: Marks }) {
  const items = list.items.map((item) => (
    <li key={item.start} value={item.value} data-task={item.checked}>
      {item.checked !== undefined && <Task item={item} />}
      <Blocks tree={tree} blocks={item.children} marks={marks} />
    </li>
  ))
  return list.ordered ? <ol>{items}</ol> : <ul>{items}</ul>
}

function Task({ item }: { item: Item }) {
  const w = useWords()
  return (
    <span className="task" role="img" aria-label={item.checked ? w.taskDone : w.taskOpen}>
      {item.checked ? '✓' : ''}
    </span>
  )
}

function TableBlock({
  table,
  inline,
}: {
  table: Table
  inline: (nodes: readonly Inline[]) => ReactNode
}) {
  const w = useWords()
  const align = (index: number) => table.align[index] ?? undefined
  return (
    // A wide table is moved sideways, also by keys.
    <div className="text-table" role="region" aria-label={w.table} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {table.head.map((cell, index) => (
              <th key={index} data-align={align(index)} dir="auto">
                {inline(cell)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, index) => (
                <td key={index} data-align={align(index)} dir="auto">
                  {inline(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
