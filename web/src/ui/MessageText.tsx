import { memo, useMemo } from 'react'
import { w } from '../i18n'
import { isKorean, pieces, type Range } from '../core/text'
import { useChat } from './context'

interface Props {
  text: string
  /** Names that count as mentions where the message has no ranges. */
  names: readonly string[]
  ranges?: readonly Range[] | undefined
  edited?: boolean
}

/** A message's text: lines, links, mentions. Never markup. */
export const MessageText = memo(function MessageText(props: Props) {
  const { text, names, ranges, edited } = props
  const me = useChat((state) => state.me?.id)
  const users = useChat((state) => state.users)
  const parts = useMemo(() => pieces(text, names, ranges), [text, names, ranges])
  return (
    <div className="text" lang={isKorean(text) ? 'ko' : undefined} dir="auto">
      {parts.map((part, index) =>
        part.href !== undefined ? (
          <a key={index} href={part.href} target="_blank" rel="noopener nofollow ugc">
            {part.text}
          </a>
        ) : part.mention ? (
          <span
            key={index}
            className={part.user === me ? 'mention mention-me' : 'mention'}
            title={part.user === undefined ? undefined : users[part.user]?.display_name}
          >
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
