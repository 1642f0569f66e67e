import type { Message } from '../api/types'
import { sentence, w } from '../i18n'
import { useState } from 'react'
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

export function Picker({ onPick }: { onPick: (emoji: string) => void }) {
  return (
    <div className="picker" role="group" aria-label={w.react}>
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
  if (message.reactions.length === 0) return null
  return (
    <div className="reactions">
      {message.reactions.map(({ emoji, user_ids }) => {
        const names = user_ids.slice(0, 10).map((id) => users[id]?.display_name ?? w.unknownUser)
        if (user_ids.length > 10) names.push(w.andOthers(user_ids.length - 10))
        const label = w.reactionBy(emoji, names.join(', '))
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
