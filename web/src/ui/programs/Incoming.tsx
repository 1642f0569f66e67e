/** Incoming webhooks: other programs post into a room by an address that only they know. */
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { Hook, ShownHook } from '../../api/types'
import { day } from '../../core/time'
import { useWords } from '../../i18n'
import { useProgramWords } from '../../i18n/programs'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Confirm, Dialog } from '../parts/Dialog'
import { Acts, SelectField } from '../parts/Fields'
import { Field, Form, text } from '../parts/Form'
import { Table } from '../parts/Table'
import { toast } from '../parts/toasts'
import { Problem } from '../Problem'
import { mayManage } from '../rooms/manage'
import { useDirectory } from '../rooms/useDirectory'
import { useAction } from '../useAction'
import { programs } from './calls'
import { useNames } from './useNames'
import { Once } from './Once'

interface Asked {
  act: 'rotate' | 'delete'
  hook: Hook
}

export default function Incoming() {
  const w = useWords()
  const p = useProgramWords()
  const client = useClient()
  const { api } = client
  useDirectory('')
  const rooms = useChat((state) => state.rooms)
  const [hooks, setHooks] = useState<Hook[] | null>(null)
  const [making, setMaking] = useState(false)
  const [asked, setAsked] = useState<Asked | null>(null)
  const [shown, setShown] = useState<ShownHook | null>(null)
  const { problem, run } = useAction()
  const load = useCallback(() => run(async () => setHooks(await programs(api).hooks())), [api, run])
  useEffect(load, [load])
  const names = useNames(hooks?.map((hook) => hook.created_by))
  const roomName = (id: number) => rooms[id]?.name ?? `${id}`
  const maker = (hook: Hook) => names[hook.created_by] ?? ''
  const act = ({ act, hook }: Asked) =>
    run(async () => {
      if (act === 'rotate') setShown(await programs(api).rotateHook(hook.room_id, hook.id))
      else {
        await programs(api).deleteHook(hook.room_id, hook.id)
        toast({ text: p.hookDeleted })
      }
      setHooks(await programs(api).hooks())
    })
  return (
    <>
      <Acts about={p.incomingAbout}>
        <button type="button" className="primary" onClick={() => setMaking(true)}>
          <Icon name="plus" /> {p.newHook}
        </button>
      </Acts>
      <Problem text={problem} />
      <Table
        label={p.incoming}
        rows={hooks}
        idOf={(hook) => hook.id}
        names={(hook) => [hook.name, roomName(hook.room_id), maker(hook)]}
        columns={[
          { id: 'name', label: w.columnName, by: (hook) => hook.name, cell: (hook) => hook.name },
          {
            id: 'room',
            label: p.columnRoom,
            by: (hook) => roomName(hook.room_id),
            cell: (hook) => roomName(hook.room_id),
          },
          {
            id: 'by',
            label: p.columnMaker,
            by: maker,
            cell: maker,
            wide: true,
          },
          {
            id: 'made',
            label: p.columnMade,
            by: (hook) => hook.id,
            cell: (hook) => day(hook.created_at, w.language, client.now()),
            wide: true,
          },
        ]}
        actsOn={(hook) => [
          { label: p.rotate, icon: 'retry', onPick: () => setAsked({ act: 'rotate', hook }) },
          {
            label: p.deleteHook,
            icon: 'trash',
            danger: true,
            apart: true,
            onPick: () => setAsked({ act: 'delete', hook }),
          },
        ]}
        menuLabel={(hook) => w.personMenu(hook.name)}
        empty={p.noHooks}
      />
      {making && (
        <NewHook
          onMade={(hook) => {
            setMaking(false)
            setShown(hook)
            load()
          }}
          onClose={() => setMaking(false)}
        />
      )}
      {asked && (
        <Confirm
          title={
            asked.act === 'rotate' ? p.rotateSure(asked.hook.name) : p.deleteSure(asked.hook.name)
          }
          hint={asked.act === 'rotate' ? p.rotateMeans : p.deleteHookMeans}
          confirm={asked.act === 'rotate' ? p.rotate : p.deleteHook}
          onConfirm={() => act(asked)}
          onClose={() => setAsked(null)}
        />
      )}
      {shown && (
        <Dialog title={p.hookReady(shown.name)} onClose={() => setShown(null)}>
          <Once
            label={p.hookUrl}
            secret={shown.url}
            hint={p.hookOnce}
            example={`curl -H 'content-type: application/json' \\\n  -d '{"text":"${p.hookExample}"}' \\\n  ${shown.url}`}
          />
          <p className="hint">{p.hookFormats}</p>
          <div className="buttons">
            <button type="button" onClick={() => setShown(null)}>
              {w.close}
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}

function NewHook(props: { onMade: (hook: ShownHook) => void; onClose: () => void }) {
  const w = useWords()
  const p = useProgramWords()
  const { api } = useClient()
  const all = useChat((state) => state.rooms)
  const role = useChat((state) => state.me?.role)
  const rooms = useMemo(
    () =>
      Object.values(all)
        .filter((room) => mayManage(room, role))
        .sort((a, b) => a.name.localeCompare(b.name, w.language)),
    [all, role, w.language],
  )
  const action = useAction()
  const make = (fields: FormData) =>
    action.run(async () => {
      const room = Number(text(fields, 'room'))
      props.onMade(await programs(api).createHook(room, text(fields, 'name')))
    })
  return (
    <Dialog title={p.newHook} onClose={props.onClose}>
      <Form button={w.create} action={action} onSubmit={make}>
        <Field name="name" label={p.hookName} hint={p.hookNameHint} autoComplete="off" max={64} />
        <SelectField
          name="room"
          label={p.columnRoom}
          required
          options={rooms.map((room) => ({ value: `${room.id}`, label: room.name }))}
        />
      </Form>
    </Dialog>
  )
}
