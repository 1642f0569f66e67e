/** A link for more people, shown once: the server keeps only what proves it. */
import { useState } from 'react'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { copy } from '../copy'
import { Icon } from '../Icon'
import { later } from '../later'
import { Dialog } from '../parts/Dialog'
import { Choice } from '../parts/Choice'
import { toast } from '../parts/toasts'
import { Problem } from '../Problem'
import { useAction } from '../useAction'

const Qr = later(() => import('./Qr'))
const DAY_S = 86_400

export default function Invite({ onClose }: { onClose: () => void }) {
  const w = useWords()
  return (
    <Dialog title={w.invitePeople} onClose={onClose}>
      <InviteLink />
    </Dialog>
  )
}

const focusIt = (element: HTMLElement | null) => element?.focus()

export function InviteLink({ onMade }: { onMade?: () => void }) {
  const w = useWords()
  const { api } = useClient()
  const [url, setUrl] = useState('')
  const [uses, setUses] = useState<'1' | '10' | '100'>('1')
  const [days, setDays] = useState<'1' | '7' | '30'>('7')
  const { problem, run, busy } = useAction()
  const make = () =>
    run(async () => {
      const made = await api.invite({ uses: Number(uses), expires_in_s: Number(days) * DAY_S })
      setUrl(made.url)
      onMade?.()
    })
  const share = () => {
    copy(url).then(
      () => toast({ text: w.copied }),
      () => undefined,
    )
  }
  if (url === '') {
    return (
      <form
        className="form"
        onSubmit={(e) => {
          e.preventDefault()
          if (!busy) make()
        }}
      >
        <p className="hint">{w.inviteAbout}</p>
        <Choice
          label={w.inviteUses}
          value={uses}
          options={(['1', '10', '100'] as const).map((value) => ({
            value,
            label: w.usesOf(Number(value)),
          }))}
          onChoose={setUses}
        />
        <Choice
          label={w.inviteDays}
          value={days}
          options={(['1', '7', '30'] as const).map((value) => ({
            value,
            label: w.daysOf(Number(value)),
          }))}
          onChoose={setDays}
        />
        <Problem text={problem} />
        <div className="buttons">
          <button type="submit" className="primary" aria-disabled={busy}>
            {w.invite}
          </button>
        </div>
      </form>
    )
  }
  return (
    <>
      <div className="field">
        <label htmlFor="invite-link">{w.inviteLink}</label>
        <div className="with-button">
          <input
            id="invite-link"
            readOnly
            value={url}
            // The button that made it is gone.
            ref={focusIt}
            onFocus={(e) => e.currentTarget.select()}
          />
          <button type="button" className="primary" onClick={share}>
            <Icon name="copy" /> {w.copy}
          </button>
        </div>
        <Qr text={url} />
        <small>{w.inviteOnce(w.usesOf(Number(uses)), w.daysOf(Number(days)))}</small>
      </div>
      <div className="buttons">
        <button type="button" onClick={() => setUrl('')}>
          {w.inviteMore}
        </button>
      </div>
    </>
  )
}
