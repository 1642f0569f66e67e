import { memo, useEffect } from 'react'
import type { Message } from '../../api/types'
import { said } from '../../core/said'
import { sameList } from '../../core/memo'
import type { Pending, State } from '../../core/model'
import { clock, dayAndClock } from '../../core/time'
import { sentenceFor, useWords } from '../../i18n'
import { EditBox, Tools } from '../Behind'
import { useChat, useClient } from '../context'
import { isPicking } from '../emoji/PickerButton'
import { Files } from '../files/Files'
import { Icon } from '../Icon'
import { MessageText } from '../MessageText'
import { Reactions } from '../Reactions'
import { go, threadPath } from '../route'
import { Previews } from '../text/Previews'
import { Replies } from '../thread/Replies'
import { Picture } from '../Tile'
import { showProfile } from '../profile/profile'
import { startEditing, stopEditing, useIsEditing } from '../write/editing'
import { RowContext, useStop } from './stop'

interface Props {
  rowKey: string
  message: Message
  /** On its way: shown at once, quiet until confirmed, with a choice when refused. */
  pending: Pending | undefined
  /** Stands under the same name as the one above. */
  follows: boolean
  /** The message it answers, if that is in the window. */
  quoted: Message | undefined
  inThread: boolean
  /** The reader. */
  me: number
  active: boolean
  /** The focus is in it. */
  entered: boolean
  focusable: boolean
  targeted: boolean
  onActive: (key: string | null) => void
  onReply: ((message: Message) => void) | undefined
}

export const MessageRow = memo(function MessageRow(props: Props) {
  const w = useWords()
  const { message, pending, follows, quoted, inThread, active, entered, focusable } = props
  const { rowKey, targeted, onActive, onReply } = props
  const client = useClient()
  const author: State['users'][number] = useChat(
    (state) => state.users[message.author.id] ?? message.author,
  )
  const name = author.display_name
  const named = message.mentions.includes(props.me) || message.calls != null
  const editing = useIsEditing(message.id)
  const activate = () => {
    // A menu that belongs to another message stays open on the way to it.
    if (!isPicking() && !document.querySelector('.timeline [role=menu]')) onActive(rowKey)
  }
  const state = pending && (pending.error === undefined ? 'sending' : 'failed')
  const time = (
    <time dateTime={message.sent_at} title={dayAndClock(message.sent_at, w.language, client.now())}>
      {clock(message.sent_at, w.language)}
    </time>
  )
  return (
    <li
      className={pending ? 'message message-pending' : 'message'}
      data-id={pending ? undefined : message.id}
      data-state={state}
      data-follows={follows}
      data-named={named && message.author.id !== props.me}
      data-targeted={targeted}
      tabIndex={focusable ? 0 : -1}
      // What is read out when keys lead here.
      aria-label={
        focusable
          ? `${name}, ${clock(message.sent_at, w.language)}: ${message.deleted ? w.deleted : said(message)}`
          : undefined
      }
      onMouseEnter={activate}
      onFocus={activate}
    >
      {follows ? (
        <span className="gutter">
          <span className="unseen">{name}</span>
          {time}
        </span>
      ) : (
        <Picture id={author.id} name={name} avatar={author.avatar} />
      )}
      <RowContext value={entered}>
        <div className="message-main">
          {message.reply_to != null && !inThread && <Quote message={message} quoted={quoted} />}
          {!follows && (
            <div className="message-head">
              <button
                type="button"
                className="author"
                tabIndex={entered ? 0 : -1}
                onClick={(e) => showProfile(author.id, message.room_id, e.currentTarget)}
              >
                {name}
              </button>
              {author.status?.emoji != null && (
                <span className="author-status" title={author.status.text ?? undefined}>
                  {author.status.emoji}
                </span>
              )}
              {time}
              {message.pinned && (
                <span className="message-pinned" title={w.isPinned}>
                  <Icon name="pin" />
                  <span className="unseen">{w.isPinned}</span>
                </span>
              )}
            </div>
          )}
          {message.deleted ? (
            <p className="deleted">{w.deleted}</p>
          ) : editing ? (
            <EditBox message={message} onDone={() => stopEditing(message.id)} />
          ) : (
            <>
              {message.text !== '' && <Text message={message} />}
              {message.files.length > 0 && (
                <Files message={message} pending={pending} inThread={inThread} />
              )}
              {(message.previews?.length ?? 0) > 0 && <Previews message={message} />}
              {message.reactions.length > 0 && <Reactions message={message} />}
              {message.thread && !inThread && <Replies message={message} />}
            </>
          )}
          {pending && <OnItsWay pending={pending} />}
        </div>
        {active && !pending && !message.deleted && !editing && (
          <Tools message={message} onReply={onReply} onEdit={() => startEditing(message.id)} />
        )}
      </RowContext>
    </li>
  )
})

const nameOf = (state: State, { author }: Message) =>
  (state.users[author.id] ?? author).display_name

const noNames: string[] = []

function Text({ message }: { message: Message }) {
  const client = useClient()
  const { mentions, mention_ranges: ranges } = message
  useEffect(() => {
    if (mentions.length > 0) client.name(mentions)
  }, [client, mentions])
  const w = useWords()
  const { edited_at: at } = message
  const edited = at != null && dayAndClock(at, w.language, client.now())
  // Messages without ranges name people by what stands behind the `@`.
  if (!ranges && mentions.length > 0) return <Named message={message} edited={edited} />
  return <MessageText text={message.text} ranges={ranges} calls={message.calls} edited={edited} />
}

function Named({ message, edited }: { message: Message; edited: string | false }) {
  const names = useChat(
    (state) => message.mentions.flatMap((id) => state.users[id]?.username ?? noNames),
    sameList,
  )
  return <MessageText text={message.text} names={names} calls={message.calls} edited={edited} />
}

/** What takes no room while all goes well, so that nothing moves when it is confirmed. */
function OnItsWay({ pending }: { pending: Pending }) {
  const w = useWords()
  const client = useClient()
  const { client_id, error } = pending
  if (error === undefined) return <span className="unseen">{w.sending}</span>
  return (
    <p className="failed" role="alert">
      {w.failedToSend} {sentenceFor(error)}{' '}
      <button type="button" className="link" onClick={() => client.retry(client_id)}>
        {w.retry}
      </button>{' '}
      <button type="button" className="link" onClick={() => client.drop(client_id)}>
        {w.drop}
      </button>
    </p>
  )
}

function Quote({ message, quoted }: { message: Message; quoted: Message | undefined }) {
  const w = useWords()
  const stop = useStop()
  const name = useChat((state) => quoted && nameOf(state, quoted))
  const id = message.reply_to
  if (id == null) return null
  return (
    <button
      type="button"
      className="quote"
      tabIndex={stop}
      onClick={() => go(threadPath(message.room_id, id, message.id))}
    >
      <Icon name="reply" />
      {quoted ? (
        <>
          <b>{name}</b>
          <span>{quoted.deleted ? w.deleted : said(quoted)}</span>
        </>
      ) : (
        <span>{w.repliedTo}</span>
      )}
    </button>
  )
}
