import { memo, useMemo } from 'react'
import { w } from '../i18n'
import { isKorean, pieces } from '../core/text'

interface Props {
  text: string
  /** Names that count as mentions in this text. */
  names: readonly string[]
  edited?: boolean
}

/** A message's text: lines, links, mentions. Never markup. */
export const MessageText = memo(function MessageText({ text, names, edited }: Props) {
  const parts = useMemo(() => pieces(text, names), [text, names])
  return (
    <div className="text" lang={isKorean(text) ? 'ko' : undefined} dir="auto">
      {parts.map((part, index) =>
        part.href !== undefined ? (
          <a key={index} href={part.href} target="_blank" rel="noopener nofollow ugc">
            {part.text}
          </a>
        ) : part.mention ? (
          <span key={index} className="mention">
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
      {edited && <span className="edited"> ({w.edited})</span>}
    </div>
  )
})
