/** Who did what of what concerns administrators and security: filtered, paged, as a table file. */
import { useCallback, useEffect, useId, useRef, useState } from 'react'
import type { AuditEntry, User } from '../../api/types'
import { csv } from '../../core/csv'
import { midnight } from '../../core/query'
import { clock, day } from '../../core/time'
import { useWords } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useClient } from '../context'
import { Icon } from '../Icon'
import { Acts } from '../parts/Fields'
import { Pick, type Option } from '../parts/Pick'
import { Table } from '../parts/Table'
import { toast } from '../parts/toasts'
import { usePeople } from '../people/usePeople'
import { Problem } from '../Problem'
import { useAction } from '../useAction'
import { administration, type AuditQuery } from './calls'
import { download } from './download'

/** As many as the server gives at once. */
const AT_ONCE = 200
/** A file with more lines is made by `maru audit`. */
const MOST_LINES = 20_000

/** Told in a column of its own, or of use to nobody who reads. */
const HIDDEN = ['address', 'session_id']

/** What actions begin with. */
const KINDS = [
  'session',
  'user',
  'invite',
  'room',
  'member',
  'message',
  'token',
  'bot',
  'hook',
  'webhook',
  'words',
  'history',
  'server',
]

export default function Audit() {
  const w = useWords()
  const a = useAdminWords()
  const client = useClient()
  const { api } = client
  const [asked, setAsked] = useState<AuditQuery>({})
  const [entries, setEntries] = useState<AuditEntry[] | null>(null)
  const [cursor, setCursor] = useState<number | undefined>(undefined)
  const { problem, run, busy } = useAction()
  const turn = useRef(0)
  const [person, setPerson] = useState<User | null>(null)
  const id = useId()

  const load = useCallback(
    (query: AuditQuery, before: AuditEntry[]) => {
      const mine = ++turn.current
      run(async () => {
        const page = await administration(api).audit(query, AT_ONCE)
        if (turn.current !== mine) return
        setEntries([...before, ...page.entries])
        setCursor(page.cursor ?? undefined)
      })
    },
    [api, run],
  )
  useEffect(() => load(asked, []), [asked, load])

  const ask = (part: AuditQuery) => {
    setEntries(null)
    setAsked((now) => ({ ...now, ...part }))
  }
  const actor = (entry: AuditEntry) => entry.actor?.username ?? a.theServer
  const target = ({ target }: AuditEntry) =>
    target == null
      ? ''
      : target.name !== ''
        ? target.name
        : target.id === 0
          ? ''
          : `${target.type} ${target.id}`
  const meaning: Record<string, string> = {
    admin: w.roleAdmin,
    member: w.roleMember,
    public: w.kindPublic,
    private: w.kindPrivate,
  }
  const details = ({ details }: AuditEntry) =>
    Object.entries(details ?? {})
      .filter(([name]) => !HIDDEN.includes(name))
      .map(([name, value]) => `${a.detail(name)}: ${meaning[value] ?? value}`)
      .join(', ')
  const address = (entry: AuditEntry) => entry.origin?.address ?? entry.details?.address ?? ''

  const save = () =>
    run(async () => {
      const all: AuditEntry[] = []
      let next: number | undefined
      do {
        const query = { ...asked, ...(next === undefined ? {} : { cursor: next }) }
        const page = await administration(api).audit(query, AT_ONCE)
        all.push(...page.entries)
        next = page.cursor ?? undefined
      } while (next !== undefined && all.length < MOST_LINES)
      if (next !== undefined) toast({ text: a.auditCut(MOST_LINES) })
      const rows = all.map((entry) => [
        entry.at,
        actor(entry),
        entry.action,
        entry.target?.type ?? '',
        entry.target?.id ?? '',
        entry.target?.name ?? '',
        Object.entries(entry.details ?? {})
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
        address(entry),
        entry.origin?.user_agent ?? '',
      ])
      const head = 'at,actor,action,target,target_id,target_name,details,address,user_agent'
      download('maru-audit.csv', csv([head.split(','), ...rows]))
    })

  return (
    <>
      <Acts about={a.auditAbout}>
        <button type="button" onClick={save} aria-disabled={busy}>
          <Icon name="download" /> CSV
        </button>
      </Acts>
      <Problem text={problem} />
      <Table
        label={a.audit}
        rows={entries}
        idOf={(entry) => entry.id}
        names={(entry) => [
          actor(entry),
          entry.action,
          a.action(entry.action),
          target(entry),
          address(entry),
        ]}
        first="at"
        down
        tools={
          <>
            <div className="table-tool">
              <span id={`${id}-who`}>{a.columnWho}</span>
              <Pick
                label={person?.display_name ?? a.anybody}
                labelledBy={`${id}-who`}
                find={w.findPerson}
                isSet={person !== null}
                useOptions={useActors}
                onPick={(user) => {
                  setPerson(user)
                  ask({ actor_id: user?.id })
                }}
              />
            </div>
            <label>
              {a.kindOfAct}
              <select
                value={asked.action ?? ''}
                onChange={(e) => ask({ action: e.target.value || undefined })}
              >
                <option value="">{a.allActs}</option>
                {KINDS.map((kind) => (
                  <option key={kind} value={`${kind}.`}>
                    {a.actKinds[kind] ?? kind}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {w.since}
              <input type="date" onChange={(e) => ask({ after: midnight(e.target.value, 0) })} />
            </label>
            <label>
              {w.until}
              <input type="date" onChange={(e) => ask({ before: midnight(e.target.value, 1) })} />
            </label>
          </>
        }
        columns={[
          {
            id: 'at',
            label: a.columnAt,
            by: (entry) => entry.id,
            cell: (entry) => (
              <span className="cell-soft cell-parts">
                <span>{day(entry.at, w.language, client.now())}</span>{' '}
                <span>{clock(entry.at, w.language)}</span>
              </span>
            ),
          },
          { id: 'who', label: a.columnWho, by: actor, cell: actor },
          {
            id: 'what',
            label: a.columnWhat,
            by: (entry) => entry.action,
            cell: (entry) => (
              <>
                {a.action(entry.action)}
                {target(entry) !== '' && <> · {target(entry)}</>}
                {details(entry) !== '' && (
                  <>
                    <br />
                    <span className="cell-soft cell-long">{details(entry)}</span>
                  </>
                )}
              </>
            ),
          },
          {
            id: 'from',
            label: a.columnFrom,
            by: address,
            cell: (entry) => <span className="cell-soft">{address(entry)}</span>,
            wide: true,
          },
        ]}
        empty={a.noActs}
        onMore={cursor === undefined ? undefined : () => load({ ...asked, cursor }, entries ?? [])}
      />
    </>
  )
}

/** Who may have done it; anybody again first. */
function useActors(query: string): Option<User | null>[] {
  const a = useAdminWords()
  const { people } = usePeople(query, 8, true)
  const named = people.map((user) => ({
    id: user.id,
    label: user.display_name,
    aside: `@${user.username}`,
    value: user,
  }))
  return query.trim() === '' ? [{ id: 0, label: a.anybody, value: null }, ...named] : named
}
