/** How many answers a message has, and the way to them. */
import type { Message } from '../../api/types'
import { brief } from '../../core/time'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { go, threadPath } from '../route'
import { useStop } from '../timeline/stop'

export function Replies({ message }: { message: Message }) {
  const w = useWords()
  const client = useClient()
  const stop = useStop()
  const unread = useChat((state) => state.follows[message.id]?.unread ?? 0)
  const { thread } = message
  if (!thread) return null
  return (
    <button
      type="button"
      className="replies"
      tabIndex={stop}
      data-unread={unread > 0}
      onClick={() => go(threadPath(message.room_id, message.id))}
    >
      <Icon name="threads" />
      <b>{w.replies(thread.count)}</b>
      {unread > 0 && <span className="replies-new">{w.newReplies(unread)}</span>}
      <time dateTime={thread.last_at}>{brief(thread.last_at, w.language, client.now())}</time>
    </button>
  )
}
