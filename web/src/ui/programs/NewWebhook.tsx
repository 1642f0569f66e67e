/** Makes an outgoing webhook; then shows the secret that its deliveries are signed with, once. */
import { useMemo, useState } from 'react'
import type { ShownWebhook } from '../../api/types'
import { useWords } from '../../i18n'
import { useProgramWords } from '../../i18n/programs'
import { useChat, useClient } from '../context'
import { Choice } from '../parts/Choice'
import { Dialog } from '../parts/Dialog'
import { Checks, chosen } from '../parts/Fields'
import { Field, Form, text } from '../parts/Form'
import { useAction } from '../useAction'
import { programs } from './calls'
import { Once } from './Once'

/** Those that a program outside has a use for; the others are of one person's own screen. */
const EVENTS = [
  'message.created',
  'message.updated',
  'message.deleted',
  'reaction.added',
  'reaction.removed',
  'pin.added',
  'pin.removed',
  'room.created',
  'room.updated',
  'room.deleted',
  'member.joined',
  'member.left',
  'user.updated',
  'thread.updated',
  'history.changed',
]

/** More rooms than fit into a form are chosen over the API. */
const MOST_ROOMS = 60

export function NewWebhook({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const w = useWords()
  const p = useProgramWords()
  const { api } = useClient()
  const all = useChat((state) => state.rooms)
  const rooms = useMemo(
    () =>
      Object.values(all)
        .filter((room) => room.me && room.kind !== 'direct')
        .sort((a, b) => a.name.localeCompare(b.name, w.language))
        .slice(0, MOST_ROOMS),
    [all, w.language],
  )
  const action = useAction()
  const [which, setWhich] = useState<'all' | 'some'>('some')
  const [where, setWhere] = useState<'all' | 'some'>('all')
  const [made, setMade] = useState<ShownWebhook | null>(null)
  const make = (fields: FormData) =>
    action.run(async () => {
      const name = text(fields, 'name')
      const webhook = await programs(api).createWebhook({
        url: text(fields, 'url'),
        ...(name === '' ? {} : { name }),
        events: which === 'all' ? [] : chosen(fields, 'event'),
        room_ids: where === 'all' ? [] : chosen(fields, 'room').map(Number),
      })
      setMade(webhook)
      onMade()
    })
  if (made) {
    return (
      <Dialog title={p.hookReady(made.name)} onClose={onClose}>
        <Once label={p.signingSecret} secret={made.secret} hint={p.signingHint} />
        <div className="buttons">
          <button type="button" onClick={onClose}>
            {w.close}
          </button>
        </div>
      </Dialog>
    )
  }
  const choice = (all: string, some: string) =>
    [
      { value: 'all', label: all },
      { value: 'some', label: some },
    ] as const
  return (
    <Dialog title={p.newWebhook} onClose={onClose}>
      <Form button={w.create} action={action} onSubmit={make}>
        <Field name="url" label="URL" hint={p.urlHint} autoComplete="off" />
        <Field name="name" label={w.columnName} autoComplete="off" optional max={64} />
        <Choice
          label={p.columnEvents}
          value={which}
          options={choice(p.allEvents, p.someEvents)}
          onChoose={setWhich}
        />
        {which === 'some' && (
          <Checks
            name="event"
            label={p.someEvents}
            checked={['message.created', 'message.updated', 'message.deleted']}
            options={EVENTS.map((value) => ({ value, label: value }))}
          />
        )}
        <Choice
          label={p.fromRooms}
          value={where}
          options={choice(p.everyRoom, p.someRooms)}
          onChoose={setWhere}
        />
        {where === 'some' && (
          <Checks
            name="room"
            label={p.someRooms}
            options={rooms.map((room) => ({ value: `${room.id}`, label: room.name }))}
          />
        )}
      </Form>
    </Dialog>
  )
}
