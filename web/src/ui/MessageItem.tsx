import { memo, useEffect, useMemo, useRef, useState } from 'react'
import type { Message } from '../api/types'
import { clock, dayAndClock } from '../core/time'
import { language, sentence, w } from '../i18n'
import { useChat, useClient } from './context'
import { Confirm } from './Dialog'
import { EditBox } from './EditBox'
import { Icon } from './Icon'
import { MessageText } from './MessageText'
import { Picker, Reactions } from './Reactions'
import { go, roomPath } from './route'
import { Replies } from './Thread'
import { Tile } from './Tile'

interface Props {
  message: Message
  /** Stands under the same name as the one above. */
  follows: boolean
  /** The message it answers, if that is in the window. */
  quoted: Message | undefined
  active: boolean
  focusable: boolean
  targeted: boolean
  onActive: (id: number | null) => void
  onReply: (message: Message) => void
}

export const MessageItem = memo(function MessageItem(props: Props) {
  const { message, follows, quoted, active, focusable, targeted, onActive, onReply } = props
  const client = useClient()
  const users = useChat((state) => state.users)
  const me = useChat((state) => state.me)
  const joined = useChat((state) => state.rooms[message.room_id]?.me !== undefined)
  const [editing, setEditing] = useState(false)
  const names = useMemo(
    () =>
      message.mentions.flatMap((id) => {
        const user = users[id]
        return user ? [user.username] : []
      }),
    [message.mentions, users],
  )
  useEffect(() => client.name(message.mentions), [client, message.mentions])
  const author = users[message.author.id] ?? message.author
  const named = me !== null && message.mentions.includes(me.id)
  const activate = () => onActive(message.id)
  return (
    <li
      className="message"
      data-id={message.id}
      data-follows={follows}
      data-named={named}
      data-targeted={targeted}
      tabIndex={focusable ? 0 : -1}
      onMouseEnter={activate}
      onFocus={activate}
    >
      {follows ? <span className="tile-gap" /> : <Tile id={author.id} name={author.display_name} />}
      <div className="message-main">
        {message.reply_to != null && <Quote message={message} quoted={quoted} />}
        <div className={follows ? 'message-head unseen' : 'message-head'}>
          <strong>{author.display_name}</strong>
          <time
            dateTime={message.sent_at}
            title={dayAndClock(message.sent_at, language, client.now())}
          >
            {clock(message.sent_at, language)}
          </time>
        </div>
        {message.deleted ? (
          <p className="deleted">{w.deleted}</p>
        ) : editing ? (
          <EditBox message={message} onDone={() => setEditing(false)} />
        ) : (
          <>
            <MessageText
              text={message.text}
              names={names}
              ranges={message.mention_ranges}
              edited={message.edited_at != null}
            />
            <Reactions message={message} />
            <Replies message={message} onReply={joined ? onReply : undefined} />
          </>
        )}
      </div>
      {active && !message.deleted && !editing && (
        <Tools message={message} onReply={onReply} onEdit={() => setEditing(true)} />
      )}
    </li>
  )
})

function Quote({ message, quoted }: { message: Message; quoted: Message | undefined }) {
  const users = useChat((state) => state.users)
  const id = message.reply_to
  if (id == null) return null
  return (
    <button type="button" className="quote" onClick={() => go(roomPath(message.room_id, id))}>
      <Icon name="reply" />
      {quoted ? (
        <>
          <b>{(users[quoted.author.id] ?? quoted.author).display_name}</b>
          <span>{quoted.deleted ? w.deleted : quoted.text}</span>
        </>
      ) : (
        <span>{w.repliedTo}</span>
      )}
    </button>
  )
}

interface ToolsProps {
  message: Message
  onReply: (message: Message) => void
  onEdit: () => void
}

function Tools({ message, onReply, onEdit }: ToolsProps) {
  const client = useClient()
  const me = useChat((state) => state.me)
  const member = useChat((state) => state.rooms[message.room_id]?.me)
  const [picking, setPicking] = useState<'above' | 'below' | null>(null)
  const tools = useRef<HTMLDivElement>(null)
  const [removing, setRemoving] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const mine = me?.id === message.author.id
  const mayRemove = mine || member?.role === 'owner' || (me?.role === 'admin' && member != null)
  const pick = () => {
    const box = tools.current?.closest('.timeline')?.getBoundingClientRect().top ?? 0
    const top = tools.current?.getBoundingClientRect().top ?? 0
    setPicking(picking ? null : top - box < PICKER_PX ? 'below' : 'above')
  }
  const fail = (error: unknown) => setProblem(sentence(error))
  if (!member) return null
  return (
    <div
      ref={tools}
      className="tools"
      role="group"
      aria-label={w.actions}
      onKeyDown={(e) => {
        if (e.key !== 'Escape' || picking === null) return
        e.stopPropagation()
        setPicking(null)
        tools.current?.querySelector('button')?.focus()
      }}
    >
      {problem !== null && (
        <span className="problem" role="alert">
          {problem}
        </span>
      )}
      {picking && (
        <Picker
          below={picking === 'below'}
          onPick={(emoji) => {
            setPicking(null)
            client.toggleReaction(message, emoji).catch(fail)
          }}
        />
      )}
      <Tool icon="smile" label={w.react} expanded={picking !== null} onClick={pick} />
      <Tool icon="reply" label={w.reply} onClick={() => onReply(message)} />
      {mine && <Tool icon="edit" label={w.edit} onClick={onEdit} />}
      {mayRemove && <Tool icon="trash" label={w.remove} onClick={() => setRemoving(true)} />}
      {removing && (
        <Confirm
          title={w.removeSure}
          confirm={w.remove}
          onConfirm={() => void client.api.remove(message.id).catch(fail)}
          onClose={() => setRemoving(false)}
        />
      )}
    </div>
  )
}

/** The picker's height with some air. */
const PICKER_PX = 96

interface ToolProps {
  icon: Parameters<typeof Icon>[0]['name']
  label: string
  expanded?: boolean
  onClick: () => void
}

function Tool({ icon, label, expanded, onClick }: ToolProps) {
  return (
    <button
      type="button"
      className="quiet"
      aria-label={label}
      aria-expanded={expanded}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  )
}
