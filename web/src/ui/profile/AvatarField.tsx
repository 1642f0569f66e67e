/** The picture that stands for oneself: chosen, cut to a square here, taken away. */
import { useRef } from 'react'
import type { User } from '../../api/types'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Problem } from '../Problem'
import { useAction } from '../useAction'
import { square } from './square'
import './profile.css'

export function AvatarField() {
  const w = useWords()
  const client = useClient()
  const input = useRef<HTMLInputElement>(null)
  const me = useChat((state) => state.me?.id)
  const avatar = useChat((state) => (me === undefined ? null : state.users[me]?.avatar))
  const { busy, problem, run } = useAction()
  const learned = (user: User) => client.store.dispatch({ type: 'users', users: [user] })
  return (
    <div className="avatar-field">
      <button type="button" aria-disabled={busy} onClick={() => input.current?.click()}>
        {w.changePicture}
      </button>
      {avatar != null && (
        <button
          type="button"
          aria-disabled={busy}
          onClick={() => run(async () => learned(await client.api.removeAvatar()))}
        >
          {w.removePicture}
        </button>
      )}
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,image/gif,image/webp"
        hidden
        aria-label={w.changePicture}
        tabIndex={-1}
        onChange={(e) => {
          const [file] = e.currentTarget.files ?? []
          e.currentTarget.value = ''
          if (file) run(async () => learned(await client.api.setAvatar(await square(file))))
        }}
      />
      <small className="hint">{w.pictureHint}</small>
      <Problem text={problem} />
    </div>
  )
}
