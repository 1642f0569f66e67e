/** Who somebody is, what they are up to, and the way to talk with them. */
import { useEffect, useMemo, useState } from 'react'
import type { User } from '../../api/types'
import { brief, day } from '../../core/time'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Popover } from '../parts/Popover'
import { useDirect } from '../rooms/useDirect'
import { Picture } from '../Tile'
import { show } from '../shell/overlays'
import { go, settingsPath } from '../route'
import './profile.css'

interface Props {
  user: number
  room: number | undefined
  anchor: HTMLElement
  onClose: () => void
}

export default function ProfileCard({ user: id, anchor, onClose }: Props) {
  const w = useWords()
  const client = useClient()
  const direct = useDirect()
  const known = useChat((state) => state.users[id])
  const me = useChat((state) => state.me?.id)
  const presence = useChat((state) => state.presence[id])
  const [user, setUser] = useState<User | null>(null)
  const at = useMemo(() => ({ current: anchor }), [anchor])
  useEffect(() => {
    let over = false
    client.api.user(id).then(
      (found) => {
        if (over) return
        setUser(found)
        client.store.dispatch({ type: 'users', users: [found] })
      },
      () => undefined,
    )
    return () => {
      over = true
    }
  }, [client, id])
  const name = known?.display_name ?? user?.display_name ?? w.unknownUser
  const status = known?.status
  return (
    <Popover
      anchor={at}
      side="below-start"
      onClose={onClose}
      className="profile"
      role="dialog"
      label={w.profileOf(name)}
    >
      <div className="profile-head">
        <Picture id={id} name={name} avatar={known?.avatar} />
        <div>
          <strong>{name}</strong>
          {known && <small>@{known.username}</small>}
        </div>
      </div>
      <p className="profile-line">
        <span className="presence" data-presence={presence ?? 'gone'} />
        {presence === 'here' ? w.here : presence === 'away' ? w.isAway : w.offlineNow}
      </p>
      {status && (
        <p className="profile-line">
          {status.emoji != null && <span>{status.emoji}</span>}
          <span>
            {status.text}
            {status.until != null && (
              <small> {w.statusEnds(brief(status.until, w.language, client.now()))}</small>
            )}
          </span>
        </p>
      )}
      {user && (
        <p className="profile-line profile-faint">
          {user.disabled ? w.isDisabled : user.role === 'admin' ? `${w.isAdmin} · ` : ''}
          {!user.disabled && w.memberSince(day(user.created_at, w.language, client.now()))}
        </p>
      )}
      <div className="profile-acts">
        {id === me ? (
          <>
            <button
              type="button"
              onClick={() => {
                onClose()
                show({ kind: 'status' })
              }}
            >
              <Icon name="smile" />
              {w.setStatus}
            </button>
            <button
              type="button"
              onClick={() => {
                onClose()
                go(settingsPath('profile'))
              }}
            >
              <Icon name="gear" />
              {w.settings}
            </button>
          </>
        ) : (
          !user?.disabled && (
            <button
              type="button"
              className="primary"
              onClick={() => {
                onClose()
                direct.start([id])
              }}
            >
              <Icon name="chat" />
              {w.talkTo}
            </button>
          )
        )}
      </div>
    </Popover>
  )
}
