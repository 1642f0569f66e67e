/** What can be done with a message, at its upper edge. */
import { useRef, useState } from 'react'
import type { Message } from '../../api/types'
import { takesPart } from '../../core/model'
import { sentence, useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { copy } from '../copy'
import { later } from '../later'
import { toast } from '../parts/toasts'
import { Icon } from '../Icon'
import { Picker } from '../Reactions'
import { roomPath, threadPath } from '../route'

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
  const mine = me?.id === message.author.id
  const mayRemove = mine || member?.role === 'owner' || (me?.role === 'admin' && member != null)
  const pick = () => {
    const box = tools.current?.closest('.timeline')?.getBoundingClientRect().top ?? 0
    const top = tools.current?.getBoundingClientRect().top ?? 0
    setPicking(picking ? null : top - box < PICKER_PX ? 'below' : 'above')
  }
  const remove = () => {
    client.remove(message.id, (error) => toast({ text: sentence(error) }))
    toast({
      text: w.removed,
      act: { label: w.undo, run: () => client.undoRemove(message.id) },
    })
  }
  const fail = (error: unknown) => setSaid(sentence(error))
  const copyLink = () => {
    const { room_id, id, reply_to } = message
    const path = reply_to == null ? roomPath(room_id, id) : threadPath(room_id, reply_to, id)
    const link = location.origin + path
    copy(link).then(() => setSaid(w.linkCopied), fail)
  }
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
            client.toggleReaction(message, emoji).catch(fail)
          }}
        />
      )}
      {open && <Tool icon="smile" label={w.react} expanded={picking !== null} onClick={pick} />}
      {onReply && <Tool icon="reply" label={w.reply} onClick={() => onReply(message)} />}
      <Tool icon="link" label={w.copyLink} onClick={copyLink} />
      {open && mine && <Tool icon="edit" label={w.edit} onClick={onEdit} />}
      {member && mayRemove && <Tool icon="trash" label={w.remove} onClick={remove} />}
      <button
        ref={more}
        type="button"
        className="quiet"
        aria-label={w.moreActions}
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
          member={open}
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
