/** Accounts of programs: the reader's own; administrators see all of them. */
import { useCallback, useEffect, useState } from 'react'
import type { ShownBot, User } from '../../api/types'
import { day } from '../../core/time'
import { useWords } from '../../i18n'
import { useProgramWords } from '../../i18n/programs'
import { useClient } from '../context'
import { Icon } from '../Icon'
import { Confirm, Dialog } from '../parts/Dialog'
import { Acts } from '../parts/Fields'
import { Field, Form, text } from '../parts/Form'
import { Table } from '../parts/Table'
import { toast } from '../parts/toasts'
import { Problem } from '../Problem'
import { Tile } from '../Tile'
import { useAction } from '../useAction'
import { programs } from './calls'
import { NewToken, ReachFields, scopesOf, secondsOf, type Lasting, type Reach } from './NewToken'
import { Once } from './Once'

export default function Bots() {
  const w = useWords()
  const p = useProgramWords()
  const client = useClient()
  const { api } = client
  const [bots, setBots] = useState<User[] | null>(null)
  const [making, setMaking] = useState(false)
  const [giving, setGiving] = useState<User | null>(null)
  const [ending, setEnding] = useState<User | null>(null)
  const { problem, run } = useAction()
  const load = useCallback(() => run(async () => setBots(await programs(api).bots())), [api, run])
  useEffect(load, [load])
  const end = (bot: User) =>
    run(async () => {
      await programs(api).removeBot(bot.id)
      toast({ text: p.botRemoved })
      setBots(await programs(api).bots())
    })
  return (
    <>
      <Acts about={p.botsAbout}>
        <button type="button" className="primary" onClick={() => setMaking(true)}>
          <Icon name="plus" /> {p.newBot}
        </button>
      </Acts>
      <Problem text={problem} />
      <Table
        label={p.bots}
        rows={bots}
        idOf={(bot) => bot.id}
        names={(bot) => [bot.display_name, bot.username]}
        columns={[
          {
            id: 'name',
            label: w.columnName,
            by: (bot) => bot.display_name,
            cell: (bot) => (
              <span className="cell-person">
                <Tile id={bot.id} name={bot.display_name} />
                {bot.display_name}
                {bot.disabled && <span className="tag">{w.disabledTag}</span>}
              </span>
            ),
          },
          {
            id: 'username',
            label: w.columnUsername,
            by: (bot) => bot.username,
            cell: (bot) => `@${bot.username}`,
          },
          {
            id: 'made',
            label: p.columnMade,
            by: (bot) => bot.id,
            cell: (bot) => day(bot.created_at, w.language, client.now()),
            wide: true,
          },
        ]}
        actsOn={(bot) =>
          bot.disabled
            ? []
            : [
                { label: p.giveToken, icon: 'key', onPick: () => setGiving(bot) },
                {
                  label: p.removeBot,
                  icon: 'trash',
                  danger: true,
                  apart: true,
                  onPick: () => setEnding(bot),
                },
              ]
        }
        menuLabel={(bot) => w.personMenu(bot.display_name)}
        empty={p.noBots}
      />
      {making && <NewBotDialog onMade={load} onClose={() => setMaking(false)} />}
      {giving && (
        <NewToken bots={[]} of={giving} onMade={() => undefined} onClose={() => setGiving(null)} />
      )}
      {ending && (
        <Confirm
          title={p.removeBotSure(ending.display_name)}
          hint={p.removeBotMeans}
          confirm={p.removeBot}
          onConfirm={() => end(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </>
  )
}

function NewBotDialog({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const w = useWords()
  const p = useProgramWords()
  const { api } = useClient()
  const action = useAction()
  const [reach, setReach] = useState<Reach>('write')
  const [lasting, setLasting] = useState<Lasting>('never')
  const [made, setMade] = useState<ShownBot | null>(null)
  const make = (fields: FormData) =>
    action.run(async () => {
      const name = text(fields, 'display_name')
      const bot = await programs(api).createBot({
        username: text(fields, 'username'),
        ...(name === '' ? {} : { display_name: name }),
        scopes: scopesOf(reach, fields),
        ...secondsOf(lasting),
      })
      setMade(bot)
      onMade()
    })
  if (made) {
    return (
      <Dialog title={p.botMade(made.user.display_name)} onClose={onClose}>
        <Once
          label={p.tokenOf(made.user.display_name)}
          secret={made.token}
          hint={p.shownOnce}
          example={`curl -H "Authorization: Bearer $TOKEN" ${location.origin}/api/v1/me`}
        />
        <p className="hint">{p.botNext}</p>
        <div className="buttons">
          <button type="button" onClick={onClose}>
            {w.close}
          </button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog title={p.newBot} onClose={onClose}>
      <Form button={w.create} action={action} onSubmit={make}>
        <Field
          name="username"
          label={w.username}
          hint={p.botUsername}
          autoComplete="off"
          max={64}
        />
        <Field
          name="display_name"
          label={w.displayName}
          hint={w.displayNameHint}
          autoComplete="off"
          optional
          max={64}
        />
        <ReachFields reach={reach} onReach={setReach} lasting={lasting} onLasting={setLasting} />
      </Form>
    </Dialog>
  )
}
