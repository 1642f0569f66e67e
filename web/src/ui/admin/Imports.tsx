/** The history of other programs: a file, what would come of it, and only then the messages. */
import { useCallback, useEffect, useState } from 'react'
import { dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useClient } from '../context'
import { Heading } from '../parts/Heading'
import { Table } from '../parts/Table'
import { Problem } from '../Problem'
import { useAction } from '../useAction'
import type { Import } from '../../api/types'
import { administration } from './calls'
import { ImportShown } from './ImportShown'
import { NewImportForm } from './NewImportForm'

/** While something is read or loaded, how far it has come is asked for. */
const AGAIN_MS = 1_000

export default function Imports() {
  const w = useWords()
  const a = useAdminWords()
  const client = useClient()
  const { api } = client
  const [all, setAll] = useState<Import[] | null>(null)
  const [chosen, setChosen] = useState<number | null>(null)
  const { problem, run } = useAction()
  const load = useCallback(
    () => run(async () => setAll((await administration(api).imports()).imports)),
    [api, run],
  )
  useEffect(load, [load])
  const open = all?.find(({ state }) => ['reading', 'ready', 'loading'].includes(state))
  const shown = open ?? all?.find(({ id }) => id === chosen)
  const moving = open !== undefined && open.state !== 'ready'
  useEffect(() => {
    if (!moving) return
    const timer = window.setInterval(load, AGAIN_MS)
    return () => window.clearInterval(timer)
  }, [moving, load])
  const changed = (one: Import) => {
    setChosen(one.id)
    setAll((before) => [one, ...(before ?? []).filter(({ id }) => id !== one.id)])
  }
  const number = (value: number) => value.toLocaleString(w.language)
  return (
    <>
      <p className="hint">{a.importAbout}</p>
      <Problem text={problem} />
      {shown && <ImportShown key={shown.id} shown={shown} onChanged={changed} onDropped={load} />}
      {!open && <NewImportForm onBegun={changed} />}
      <Heading>{a.importPast}</Heading>
      <Table
        label={a.importPast}
        rows={all}
        idOf={(one) => one.id}
        names={(one) => [one.file, one.format]}
        first="at"
        down
        columns={[
          {
            id: 'at',
            label: a.columnAt,
            by: (one) => one.id,
            cell: (one) => (
              <span className="cell-soft">
                {dayAndClock(one.started_at, w.language, client.now())}
              </span>
            ),
          },
          { id: 'file', label: a.columnFile, by: (one) => one.file, cell: (one) => one.file },
          {
            id: 'format',
            label: a.importFormat,
            by: (one) => one.format,
            cell: (one) => a.importFormats[one.format] ?? one.format,
            wide: true,
          },
          {
            id: 'state',
            label: a.importState,
            by: (one) => one.state,
            cell: (one) => (
              <>
                <span className={one.state === 'failed' ? 'tag tag-alarm' : 'tag'}>
                  {a.importStates[one.state] ?? one.state}
                </span>
                {one.loaded && <span className="cell-soft"> {number(one.loaded.created)}</span>}
              </>
            ),
          },
        ]}
        empty={a.noImports}
      />
    </>
  )
}
