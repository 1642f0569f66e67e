import { useEffect, useMemo, useState } from 'react'
import type { Message } from '../api/types'
import { emojiKey } from '../core/emojis/emoji'
import { grouped } from '../core/emojis/reactions'
import { takesPart } from '../core/model'
import { sentence, useWords } from '../i18n'
import { useChat, useClient } from './context'
import { PickerButton } from './emoji/PickerButton'
import { Icon } from './Icon'
import { useStop } from './timeline/stop'

/** So many are called by name; the rest is counted. */
const NAMED = 10

export function Reactions({ message }: { message: Message }) {
  // Most messages have none, and need to know nothing then.
  return message.reactions.length === 0 ? null : <Given message={message} />
}

function Given({ message }: { message: Message }) {
  const w = useWords()
  const stop = useStop()
  const client = useClient()
  const me = useChat((state) => state.me?.id)
  const users = useChat((state) => state.users)
  const open = useChat((state) => takesPart(state.rooms[message.room_id]))
  const [problem, setProblem] = useState<string | null>(null)
  const reactions = useMemo(() => grouped(message.reactions), [message.reactions])
  useEffect(() => {
    client.name(reactions.flatMap(({ user_ids }) => user_ids.slice(0, NAMED)))
  }, [client, reactions])
  const toggle = (emoji: string) => {
    client.toggleReaction(message, emoji).catch((error: unknown) => setProblem(sentence(error)))
  }
  return (
    <div className="reactions">
      {reactions.map(({ emoji, user_ids }) => {
        const names = user_ids.slice(0, NAMED).map((id) => users[id]?.display_name ?? w.unknownUser)
        if (user_ids.length > NAMED) names.push(w.andOthers(user_ids.length - NAMED))
        // What is seen is the beginning of what is read out.
        const label = w.reactionBy(`${emoji} ${user_ids.length}`, names.join(', '))
        return (
          <button
            type="button"
            key={emojiKey(emoji)}
            className="reaction"
            tabIndex={stop}
            aria-pressed={me !== undefined && user_ids.includes(me)}
            aria-label={label}
            data-tip={names.join(', ')}
            aria-disabled={!open}
            onClick={() => {
              if (open) toggle(emoji)
            }}
          >
            {emoji} <span>{user_ids.length}</span>
          </button>
        )
      })}
      {open && (
        <PickerButton
          label={w.react}
          className="reaction reaction-more"
          tabIndex={stop}
          onPick={toggle}
        >
          <Icon name="smile" />
        </PickerButton>
      )}
      {problem !== null && (
        <span className="problem" role="alert">
          {problem}
        </span>
      )}
    </div>
  )
}
