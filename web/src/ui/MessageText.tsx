import { memo, useId, useMemo, useState } from 'react'
import { parse } from '../core/markdown/blocks'
import { mentionsIn, type Range } from '../core/markdown/mentions'
import { onlyEmoji } from '../core/emojis/emoji'
import { isKorean, isLong } from '../core/text'
import { useWords } from '../i18n'
import { Blocks } from './text/Blocks'
import { useStop } from './timeline/stop'
import './text/text.css'

interface Props {
  text: string
  /** Names that count as mentions where the message has no ranges. */
  names?: readonly string[]
  ranges?: readonly Range[] | undefined
  /** It calls everybody: the words that do are marked. */
  calls?: unknown
  /** That it was edited, or when. */
  edited?: boolean | string
  /** What to mark, as a search found it: ranges in UTF-16 units. */
  marks?: readonly (readonly number[])[]
}

const none: readonly never[] = []

/** A message's text, as Markdown; a high one is folded. */
export const MessageText = memo(function MessageText(props: Props) {
  const w = useWords()
  const stop = useStop()
  const { text, names = none, ranges, calls, edited, marks = none } = props
  const tree = useMemo(
    () => parse(text, mentionsIn(text, names, ranges, calls)),
    [text, names, ranges, calls],
  )
  const large = useMemo(() => onlyEmoji(text), [text])
  const long = useMemo(() => isLong(text), [text])
  const [open, setOpen] = useState(false)
  const id = useId()
  const folded = long && !open
  return (
    <>
      <div
        id={id}
        className="text"
        lang={isKorean(text) ? 'ko' : undefined}
        dir="auto"
        data-folded={folded || undefined}
        data-emoji={large === 0 ? undefined : large > 3 ? 'some' : 'few'}
      >
        <Blocks
          tree={tree}
          blocks={tree.blocks}
          marks={marks}
          tail={edited ? <Edited at={edited} /> : null}
        />
      </div>
      {long && (
        <button
          type="button"
          className="link unfold"
          tabIndex={stop}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          {open ? w.showLess : w.showMore}
        </button>
      )}
    </>
  )
})

function Edited({ at }: { at: boolean | string }) {
  const w = useWords()
  return (
    <span className="edited" title={typeof at === 'string' ? at : undefined}>
      {' '}
      ({w.edited})
    </span>
  )
}
