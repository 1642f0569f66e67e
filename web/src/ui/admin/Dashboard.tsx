/** What is talked about, when, by how many; what is looked for; how much room it takes. */
import { useEffect, useState, type ReactNode } from 'react'
import { lastDays, trend, type Figures, type Range } from '../../core/dashboard'
import { bytes } from '../../core/figures'
import { day } from '../../core/time'
import { useWords } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useClient } from '../context'
import { Choice } from '../parts/Choice'
import { Heading } from '../parts/Heading'
import { Table, type Column } from '../parts/Table'
import { Problem } from '../Problem'
import { Goto } from './Goto'
import { roomPath, searchPath } from '../route'
import { useAction } from '../useAction'
import { administration } from './calls'
import { Chart } from './Chart'
import { HeatMap } from './HeatMap'
import { Speed } from './Speed'

type Span = '7' | '30' | '90' | '365' | 'own'

export default function Dashboard() {
  const w = useWords()
  const a = useAdminWords()
  const client = useClient()
  const { api } = client
  const [span, setSpan] = useState<Span>('30')
  const [range, setRange] = useState<Range>(() => lastDays(30, client.now()))
  const [figures, setFigures] = useState<Figures | null>(null)
  const { problem, run } = useAction()
  useEffect(() => {
    run(async () => setFigures(await administration(api).stats(range.from, range.to)))
  }, [api, run, range])
  const choose = (next: Span) => {
    setSpan(next)
    if (next !== 'own') setRange(lastDays(Number(next), client.now()))
  }
  const number = (value: number) => value.toLocaleString(w.language)
  const date = (text: string) => day(`${text}T12:00:00`, w.language, client.now())
  return (
    <>
      <div className="ranges" data-wide="true">
        <Choice
          label={a.range}
          value={span}
          options={(['7', '30', '90', '365', 'own'] as const).map((value) => ({
            value,
            label: value === 'own' ? a.ownRange : a.rangeDays(Number(value)),
          }))}
          onChoose={choose}
        />
        {span === 'own' && (
          <div className="times">
            {(['from', 'to'] as const).map((end) => (
              <label key={end} className="time">
                <span>{end === 'from' ? w.since : w.until}</span>
                <input
                  type="date"
                  value={range[end]}
                  {...(end === 'from' ? { max: range.to } : { min: range.from })}
                  onChange={(e) => {
                    const { value } = e.target
                    if (value === '') return
                    setRange((now) => {
                      const next = { ...now, [end]: value }
                      return next.from <= next.to ? next : { from: value, to: value }
                    })
                  }}
                />
              </label>
            ))}
          </div>
        )}
      </div>
      <Problem text={problem} />
      {figures === null ? (
        <p role="status">{w.loading}</p>
      ) : (
        <Shown figures={figures} number={number} date={date} />
      )}
    </>
  )
}

interface ShownProps {
  figures: Figures
  number: (value: number) => string
  date: (date: string) => string
}

function Shown({ figures, number, date }: ShownProps) {
  const w = useWords()
  const a = useAdminWords()
  const { totals, days, searches, storage } = figures
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
  const messages = days.map((one) => one.messages)
  const active = days.map((one) => one.active)
  const asked = days.map((one) => one.searches)
  const tiles: [string, string][] = [
    [a.totalMessages, number(totals.messages)],
    [a.totalPeople, number(totals.users)],
    [a.activeToday, number(totals.active_1d)],
    [a.activeWeek, number(totals.active_7d)],
    [a.activeMonth, number(totals.active_30d)],
  ]
  const stored: [string, number][] = [
    [a.storageLog, storage.log_bytes],
    [a.storageEvents, storage.events_bytes],
    [a.storageFiles, storage.files_bytes],
  ]
  const file = (table: string) =>
    `/api/v1/admin/stats?from=${figures.from}&to=${figures.to}&format=csv&table=${table}`
  return (
    <>
      <ul className="figures">
        {tiles.map(([label, value]) => (
          <li key={label} className="figure">
            <span className="figure-label">{label}</span>
            <strong>{value}</strong>
          </li>
        ))}
      </ul>
      <div className="charts">
        <Chart
          label={a.messagesADay}
          days={days}
          values={messages}
          together="sum"
          number={number}
          date={date}
          summary={a.inAll(number(sum(messages)))}
        />
        <Chart
          label={a.activeADay}
          days={days}
          values={active}
          together="most"
          number={number}
          date={date}
          summary={a.atMost(number(Math.max(0, ...active)))}
        />
        <Chart
          label={a.searchesADay}
          days={days}
          values={asked}
          together="sum"
          number={number}
          date={date}
          summary={a.searchesOf(number(searches.total), number(searches.without_result))}
        />
        <figure className="chart">
          <figcaption>
            <strong>{a.hours}</strong>
            <span>{a.hoursAbout}</span>
          </figcaption>
          <HeatMap hours={figures.hours} number={number} />
        </figure>
      </div>
      <p className="files">
        {(['days', 'hours', 'rooms', 'words', 'speed'] as const).map((table) => (
          <a key={table} className="button" href={file(table)} download={`maru-${table}.csv`}>
            {a.files[table]} CSV
          </a>
        ))}
      </p>
      <Heading>{a.popularWords}</Heading>
      <p className="hint">{a.wordsOfMany}</p>
      <Counted
        label={a.popularWords}
        head={a.columnWord}
        counts={a.columnCount}
        rows={figures.words.map((row) => ({ ...row, name: row.word }))}
        cell={({ name }) => <Goto to={searchPath(undefined, spoken(name, figures))}>{name}</Goto>}
        number={number}
        more={[
          {
            id: 'trend',
            label: a.columnTrend,
            by: (row) => trend(row.count, row.before) ?? Number.MAX_SAFE_INTEGER,
            cell: (row) => <Trend value={trend(row.count, row.before)} />,
          },
        ]}
        empty={a.noFigures}
      />
      <Heading>{a.busyRooms}</Heading>
      <Counted
        label={a.busyRooms}
        head={w.columnName}
        counts={a.messages}
        rows={figures.rooms.map((row) => ({ ...row, name: row.name ?? '', count: row.messages }))}
        cell={({ room_id, name }) =>
          room_id === null ? (
            <span className="cell-soft">{a.otherRooms}</span>
          ) : (
            <Goto to={roomPath(room_id)}>{name}</Goto>
          )
        }
        number={number}
        empty={a.noFigures}
      />
      <Heading>{a.inVain}</Heading>
      <p className="hint">{a.inVainAbout}</p>
      <Counted
        label={a.inVain}
        head={a.columnSearched}
        counts={a.columnCount}
        rows={searches.questions.map(({ q, count }) => ({ name: q, count }))}
        cell={({ name }) => <Goto to={searchPath(undefined, name)}>{name}</Goto>}
        number={number}
        empty={a.noVain}
      />
      <Speed speed={figures.speed} date={date} />
      <Heading>{a.storage}</Heading>
      <dl className="facts">
        {stored.map(([label, value]) => (
          <div key={label} className="fact">
            <dt>{label}</dt>
            <dd>{bytes(value, w.language)}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

interface CountedProps<T> {
  label: string
  head: string
  counts: string
  rows: readonly (T & { name: string; count: number })[]
  cell: (row: T & { name: string }) => ReactNode
  number: (value: number) => string
  more?: readonly Column<T & { count: number; id: number }>[]
  empty: string
}

/** What there is most of, first. */
function Counted<T extends object>({ label, head, counts, number, ...props }: CountedProps<T>) {
  const { rows, cell, more = [], empty } = props
  return (
    <Table
      label={label}
      rows={rows.map((row, n) => ({ ...row, id: n + 1 }))}
      idOf={(row) => row.id}
      names={(row) => [row.name]}
      first="count"
      down
      columns={[
        { id: 'name', label: head, by: (row) => row.name, cell },
        {
          id: 'count',
          label: counts,
          by: (row) => row.count,
          cell: (row) => number(row.count),
        },
        ...more,
      ]}
      empty={empty}
    />
  )
}

/** The word within the days of the figures. */
const spoken = (word: string, { from, to }: Range) => `${word} after:${from} before:${to}`

function Trend({ value }: { value: number | null }) {
  const a = useAdminWords()
  if (value === null) return <span className="tag">{a.newWord}</span>
  const sign = value > 0 ? '▲' : value < 0 ? '▼' : '–'
  return (
    <span className="cell-soft">
      <span aria-hidden="true">{sign} </span>
      {a.trend(value)}
    </span>
  )
}
