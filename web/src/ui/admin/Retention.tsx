/** How long a room keeps messages: the days, and what would go, counted before anything goes. */
import { useEffect, useState } from 'react'
import type { Expiring, Room } from '../../api/types'
import { bytes } from '../../core/figures'
import { dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useClient } from '../context'
import { Choice } from '../parts/Choice'
import { Dialog } from '../parts/Dialog'
import { Field, Form } from '../parts/Form'
import { toast } from '../parts/toasts'
import { useAction } from '../useAction'
import { administration } from './calls'

const PAUSE_MS = 250
const MOST_DAYS = 36_525

interface Props {
  room: Room
  onClose: () => void
}

export function Retention({ room, onClose }: Props) {
  const w = useWords()
  const a = useAdminWords()
  const client = useClient()
  const { api } = client
  const action = useAction()
  const [keeps, setKeeps] = useState<'server' | 'days'>(
    room.retention_days == null ? 'server' : 'days',
  )
  const [typed, setTyped] = useState(`${room.retention_days ?? 365}`)
  const [answer, setAnswer] = useState<{ of: string; expiring: Expiring } | null>(null)
  const days = keeps === 'days' ? daysOf(typed) : undefined
  const counts = keeps === 'server' || days !== null
  // An answer to another question is none.
  const question = `${keeps} ${days ?? ''}`
  const found = answer?.of === question ? answer.expiring : null
  useEffect(() => {
    if (!counts) return
    let over = false
    const ask = async () => {
      // Without days the server counts by the room's own rule, which may be the one to be left.
      const own = keeps === 'server' ? await administration(api).allExpiring() : null
      const asked = own ? (own.default_days ?? undefined) : (days ?? undefined)
      if (own && asked === undefined) return NOTHING(room.id)
      return administration(api).expiring(room.id, asked)
    }
    const timer = window.setTimeout(() => {
      ask().then(
        (expiring) => {
          if (!over) setAnswer({ of: question, expiring })
        },
        () => undefined,
      )
    }, PAUSE_MS)
    return () => {
      over = true
      window.clearTimeout(timer)
    }
  }, [api, room.id, keeps, days, counts, question])
  const save = () =>
    action.run(async () => {
      const changed = await administration(api).setRetention(room.id, days ?? null)
      client.store.dispatch({
        type: 'room',
        room: changed,
        asked: client.store.state.position?.seq ?? 0,
      })
      toast({ text: w.saved })
      onClose()
    })
  const count = (value: number) => value.toLocaleString(w.language)
  return (
    <Dialog title={a.retentionOf(room.name)} onClose={onClose}>
      <Form button={w.save} action={action} onSubmit={save} hint={a.retentionAbout}>
        <Choice
          label={a.keepMessages}
          value={keeps}
          options={[
            { value: 'server', label: a.keepAsServer },
            { value: 'days', label: a.keepDays },
          ]}
          onChoose={setKeeps}
        />
        {keeps === 'days' && (
          <Field
            name="days"
            label={a.days}
            autoComplete="off"
            value={typed}
            check={(value) => (daysOf(value) === null ? a.daysWrong(MOST_DAYS) : null)}
            onInput={setTyped}
          />
        )}
        <p className="expiring" role="status">
          {!counts
            ? ''
            : found === null
              ? w.loading
              : found.messages + found.files === 0
                ? a.nothingGoes
                : a.wouldGo(
                    count(found.messages),
                    count(found.files),
                    bytes(found.file_bytes, w.language),
                    found.before == null ? '' : dayAndClock(found.before, w.language, client.now()),
                  )}
        </p>
      </Form>
    </Dialog>
  )
}

const NOTHING = (room_id: number): Expiring => ({
  room_id,
  messages: 0,
  files: 0,
  file_bytes: 0,
})

function daysOf(typed: string): number | null {
  const days = /^\d{1,5}$/.test(typed.trim()) ? Number(typed) : 0
  return days >= 1 && days <= MOST_DAYS ? days : null
}
