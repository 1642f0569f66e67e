/** What can be done with a message, at its upper edge. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Message } from '../../api/types'
import { takesPart } from '../../core/model'
import { sentence, useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { copy } from '../copy'
import { later } from '../later'
import { isMac } from '../mac'
import { toast } from '../parts/toasts'
import { Icon } from '../Icon'
import { Picker } from './Picker'
import { roomPath, threadPath } from '../route'
import { messageKeys, type MessageAct } from '../shell/shortcuts'
import { actsOf } from './acts'
import { useStop } from './stop'

interface Props {
  message: Message
  onReply: ((message: Message) => void) | undefined
  onEdit: () => void
}

const MessageMenu = later(() => import('./MessageMenu'))

/** The picker's height with some air. */
const PICKER_PX = 96

export default function Tools({ message, onReply, onEdit }: Props) {
  const w = useWords()
  const client = useClient()
  const me = useChat((state) => state.me)
  const member = useChat((state) => state.rooms[message.room_id]?.me)
  const open = useChat((state) => takesPart(state.rooms[message.room_id]))
  const [picking, setPicking] = useState<'above' | 'below' | null>(null)
  const tools = useRef<HTMLDivElement>(null)
  const more = useRef<HTMLButtonElement>(null)
  const [menu, setMenu] = useState(false)
  const [said, setSaid] = useState<string | null>(null)
  const stop = useStop()
  const mine = me?.id === message.author.id
  const mayRemove = mine || member?.role === 'owner' || (me?.role === 'admin' && member != null)
  const pick = () => {
    const box = tools.current?.closest('.timeline')?.getBoundingClientRect().top ?? 0
    const top = tools.current?.getBoundingClientRect().top ?? 0
    setPicking(picking ? null : top - box < PICKER_PX ? 'below' : 'above')
  }
  const remove = () => {
    leaveRow(tools.current)
    client.remove(message.id, (error) => toast({ text: sentence(error) }))
    toast({
      text: w.removed,
      act: { label: w.undo, undoes: true, run: () => client.undoRemove(message.id) },
    })
  }
  const fail = (error: unknown) => setSaid(sentence(error))
  const copyLink = () => {
    const { room_id, id, reply_to } = message
    const path = reply_to == null ? roomPath(room_id, id) : threadPath(room_id, reply_to, id)
    const link = location.origin + path
    copy(link).then(() => setSaid(w.linkCopied), fail)
  }
  const acts = actsOf(client, w, message, open)
  const byKey: Partial<Record<MessageAct, () => void>> = {
    copyLink,
    save: acts.save,
    forward: acts.forward,
    more: () => setMenu(true),
    ...(open ? { react: pick } : {}),
    ...(onReply ? { reply: () => onReply(message) } : {}),
    ...(open && mine ? { edit: onEdit } : {}),
    ...(member && mayRemove ? { remove } : {}),
    ...(acts.pin ? { pin: acts.pin } : {}),
    ...(acts.unread ? { unread: acts.unread } : {}),
    ...(acts.copyText ? { copyText: acts.copyText } : {}),
  }
  // Letters act while the message itself has the focus: there nobody writes.
  useEffect(() => {
    const row = tools.current?.closest('.message')
    const onKey = (e: Event) => {
      if (!(e instanceof KeyboardEvent) || e.target !== row || e.defaultPrevented) return
      if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return
      // A key that is held does it once, and Backspace is Delete on a Mac alone.
      if (e.repeat || (e.code === 'Backspace' && !isMac)) return
      const act = messageKeys.find(({ codes }) => codes.includes(e.code))?.act
      const run = act && byKey[act]
      if (!run) return
      e.preventDefault()
      run()
    }
    row?.addEventListener('keydown', onKey)
    return () => row?.removeEventListener('keydown', onKey)
  })
  const toRow = () => tools.current?.closest<HTMLElement>('.message')?.focus()
  useLayoutEffect(() => {
    if (picking) tools.current?.querySelector<HTMLElement>('.picker button')?.focus()
  }, [picking])
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
        toRow()
      }}
    >
      {said !== null && (
        <span className="tools-said" role="status">
          {said}
        </span>
      )}
      {picking && (
        <Picker
          below={picking === 'below'}
          onPick={(emoji) => {
            setPicking(null)
            toRow()
            client.toggleReaction(message, emoji).catch(fail)
          }}
        />
      )}
      {open && (
        <Tool icon="smile" act="react" label={w.react} expanded={picking !== null} onClick={pick} />
      )}
      {onReply && (
        <Tool icon="reply" act="reply" label={w.reply} onClick={() => onReply(message)} />
      )}
      <Tool icon="link" act="copyLink" label={w.copyLink} onClick={copyLink} />
      {open && mine && <Tool icon="edit" act="edit" label={w.edit} onClick={onEdit} />}
      {member && mayRemove && <Tool icon="trash" act="remove" label={w.remove} onClick={remove} />}
      <button
        ref={more}
        type="button"
        className="quiet"
        aria-label={w.moreActions}
        tabIndex={stop}
        aria-haspopup="menu"
        aria-expanded={menu}
        title={w.moreActions}
        onClick={() => setMenu(!menu)}
      >
        <Icon name="more" />
      </button>
      {menu && (
        <MessageMenu
          message={message}
          acts={acts}
          anchor={more}
          onCopyLink={copyLink}
          onClose={() => setMenu(false)}
        />
      )}
    </div>
  )
}

interface ToolProps {
  icon: Parameters<typeof Icon>[0]['name']
  act: MessageAct
  label: string
  expanded?: boolean
  onClick: () => void
}

function Tool({ icon, act, label, expanded, onClick }: ToolProps) {
  const keys = messageKeys.find((one) => one.act === act)?.shown ?? ''
  return (
    <button
      type="button"
      className="quiet"
      tabIndex={useStop()}
      aria-label={label}
      aria-expanded={expanded}
      aria-keyshortcuts={keys}
      title={`${label} (${keys})`}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  )
}

/** The row is about to go: the one below has the focus, or the one above. */
function leaveRow(inside: HTMLElement | null): void {
  const row = inside?.closest<HTMLElement>('.message')
  if (!row?.contains(document.activeElement)) return
  const rows = [...(row.parentElement?.querySelectorAll<HTMLElement>('.message') ?? [])]
  const at = rows.indexOf(row)
  ;(rows[at + 1] ?? rows[at - 1])?.focus()
}
