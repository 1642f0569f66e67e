import { useEffect, useState, type ReactNode } from 'react'
import type { CodeBlock as Block, Leaf } from '../../core/markdown/tree'
import { useWords } from '../../i18n'
import { copy } from '../copy'
import { Icon } from '../Icon'
import { opened } from '../painted'
import { useStop } from '../timeline/stop'
import { Control, marked, type Marks } from './Inlines'

/** A stretch of the code, and what it is. Positions count within the code. */
export interface Token {
  start: number
  end: number
  kind: string
}

/** More is shown without colours. */
const LONGEST = 20_000

interface Props {
  source: string
  block: Block
  marks: Marks
}

export function CodeBlock({ source, block, marks }: Props) {
  const w = useWords()
  const stop = useStop()
  const code = block.children.map(({ start, end }) => source.slice(start, end)).join('')
  const tokens = useTokens(block.language, code)
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <div className="code-block">
      <div className="code-head">
        <span>{block.language}</span>
        <button
          type="button"
          className="quiet"
          tabIndex={stop}
          aria-label={w.copyCode}
          title={w.copyCode}
          onClick={() =>
            void copy(code).then(
              () => setCopied(true),
              () => setCopied(false),
            )
          }
        >
          <Icon name={copied ? 'check' : 'copy'} />
          <span role="status" className="unseen">
            {copied && w.copied}
          </span>
        </button>
      </div>
      <pre dir="ltr">
        <code>{coloured(source, block.children, tokens, marks)}</code>
      </pre>
    </div>
  )
}

/** The highlighter comes when the first code does, and colours it when it is there. */
function useTokens(language: string, code: string): readonly Token[] {
  const [tokens, setTokens] = useState<readonly Token[]>([])
  useEffect(() => {
    if (language === '' || code.length > LONGEST) return
    let over = false
    opened()
      .then(() => import('./highlight'))
      .then(({ highlight }) => {
        if (!over) setTokens(highlight(language, code))
      })
      .catch(() => undefined)
    return () => {
      over = true
    }
  }, [language, code])
  return tokens
}

/** The leaves of the code, cut where a token begins or ends. */
function coloured(
  source: string,
  leaves: readonly Leaf[],
  tokens: readonly Token[],
  marks: Marks,
): ReactNode[] {
  const out: ReactNode[] = []
  let passed = 0
  let next = 0
  for (const leaf of leaves) {
    const length = leaf.end - leaf.start
    if (leaf.type === 'shown') {
      out.push(<Control key={leaf.start} name={leaf.as} />)
    } else {
      let at = 0
      const piece = (to: number, kind?: string) => {
        if (to <= at) return
        const part = { ...leaf, start: leaf.start + at, end: leaf.start + to }
        const text = marked(source, part, marks)
        out.push(
          <span key={part.start} className={kind === undefined ? undefined : `hl-${kind}`}>
            {text}
          </span>,
        )
        at = to
      }
      for (; next < tokens.length; next++) {
        const token = tokens[next]
        if (!token || token.start - passed >= length) break
        piece(Math.max(at, token.start - passed))
        piece(Math.min(length, token.end - passed), token.kind)
        if (token.end - passed > length) break
      }
      piece(length)
    }
    passed += length
  }
  return out
}
