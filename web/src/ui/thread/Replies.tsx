/** How many answers a message has, and the way to them. */
import type { Message } from '../../api/types'
import { brief } from '../../core/time'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { Icon } from '../Icon'
import { go, threadPath } from '../route'

export function Replies({ message }: { message: Message }) {
  const w = useWords()
  const client = useClient()
  const { thread } = message
  if (!thread) return null
  return (
    <button
      type="button"
      className="replies"
      onClick={() => go(threadPath(message.room_id, message.id))}
    >
      <Icon name="chat" />
      <b>{w.replies(thread.count)}</b>
      <time dateTime={thread.last_at}>{brief(thread.last_at, w.language, client.now())}</time>
    </button>
  )
}
