/** The threads that one follows, the one with the newest reply first. */
import { useCallback, useState } from 'react'
import type { FollowedThread } from '../../api/types'
import { brief } from '../../core/time'
import { unreadThreads } from '../../core/threads'
import { sentence, useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { toast } from '../parts/toasts'
import { go, threadPath } from '../route'
import { Card } from './Card'
import { Place, PlaceList } from './Place'
import { useList } from './useList'

export default function Threads() {
  const w = useWords()
  const client = useClient()
  const [unreadOnly, setUnreadOnly] = useState(false)
  const waiting = useChat(unreadThreads)
  const ask = useCallback(
    async (cursor?: string) => {
      const page = await client.api.threads({ cursor, ...(unreadOnly ? { unread: true } : {}) })
      const follows = Object.fromEntries(page.threads.map(({ root, me }) => [root.id, me]))
      client.store.dispatch({ type: 'follows', follows })
      return { items: page.threads, cursor: page.cursor ?? undefined }
    },
    [client, unreadOnly],
  )
  const { items, problem, onMore, drop } = useList(ask, waiting)
  return (
    <Place
      title={w.threads}
      note={w.threadsNote}
      tools={
        <label className="place-filter">
          <input
            type="checkbox"
            checked={unreadOnly}
            onChange={(e) => setUnreadOnly(e.currentTarget.checked)}
          />
          {w.onlyUnread}
        </label>
      }
    >
      <PlaceList
        waiting={items === null}
        problem={problem}
        isEmpty={items?.length === 0}
        icon="threads"
        empty={unreadOnly ? w.noUnreadThreads : w.noThreads}
        hint={w.noThreadsHint}
        onMore={onMore}
      >
        {items?.map((thread) => (
          <One
            key={thread.root.id}
            thread={thread}
            onGone={() => drop(({ root }) => root.id === thread.root.id)}
          />
        ))}
      </PlaceList>
    </Place>
  )
}

function One({ thread, onGone }: { thread: FollowedThread; onGone: () => void }) {
  const w = useWords()
  const client = useClient()
  const { root, last_at } = thread
  const unread = useChat((state) => state.follows[root.id]?.unread ?? 0)
  const open = () => go(threadPath(root.room_id, root.id))
  return (
    <Card
      message={root}
      tools={
        <button
          type="button"
          className="quiet"
          aria-label={w.unfollow}
          data-tip={w.unfollow}
          onClick={() => {
            client
              .follow(root.id, false)
              .then(onGone, (error: unknown) => toast({ text: sentence(error) }))
          }}
        >
          <Icon name="bell" />
        </button>
      }
      foot={
        <div className="card-foot">
          <button type="button" className="link" onClick={open}>
            {w.replies(root.thread?.count ?? 0)}
          </button>
          {unread > 0 && <span className="replies-new">{w.newReplies(unread)}</span>}
          <time dateTime={last_at}>{w.lastReply(brief(last_at, w.language, client.now()))}</time>
        </div>
      }
    />
  )
}
