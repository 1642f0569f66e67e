import { useEffect, useState } from 'react'
import type { Message } from '../api/types'
import { sentence, w } from '../i18n'
import { useChat, useClient } from './context'

const emojis = [
  '👍',
  '❤️',
  '😂',
  '🎉',
  '🙏',
  '👀',
  '✅',
  '😮',
  '😢',
  '🔥',
  '👏',
  '🙌',
  '💯',
  '🤔',
  '☕',
  '🍚',
]

/** So many are called by name; the rest is counted. */
const NAMED = 10

interface PickerProps {
  /** Below the buttons, where above there is no room. */
  below: boolean
  onPick: (emoji: string) => void
}

export function Picker({ below, onPick }: PickerProps) {
  return (
    <div className="picker" data-below={below} role="group" aria-label={w.react}>
      {emojis.map((emoji) => (
        <button type="button" className="quiet" key={emoji} onClick={() => onPick(emoji)}>
          {emoji}
        </button>
      ))}
    </div>
  )
}

export function Reactions({ message }: { message: Message }) {
  const client = useClient()
  const me = useChat((state) => state.me?.id)
  const users = useChat((state) => state.users)
  const [problem, setProblem] = useState<string | null>(null)
  const { reactions } = message
  useEffect(() => {
    client.name(reactions.flatMap(({ user_ids }) => user_ids.slice(0, NAMED)))
  }, [client, reactions])
  if (reactions.length === 0) return null
  return (
    <div className="reactions">
      {reactions.map(({ emoji, user_ids }) => {
        const names = user_ids.slice(0, NAMED).map((id) => users[id]?.display_name ?? w.unknownUser)
        if (user_ids.length > NAMED) names.push(w.andOthers(user_ids.length - NAMED))
        const label = w.reactionBy(`${emoji} ${user_ids.length}`, names.join(', '))
        return (
          <button
            type="button"
            key={emoji}
            className="reaction"
            aria-pressed={me !== undefined && user_ids.includes(me)}
            aria-label={label}
            title={label}
            onClick={() => {
              client
                .toggleReaction(message, emoji)
                .catch((error: unknown) => setProblem(sentence(error)))
            }}
          >
            {emoji} <span>{user_ids.length}</span>
          </button>
        )
      })}
      {problem !== null && (
        <span className="problem" role="alert">
          {problem}
        </span>
      )}
    </div>
  )
}
