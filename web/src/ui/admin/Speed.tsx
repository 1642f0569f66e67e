/** How long people wait: for a message to be kept, and for it to be on its way to the others. */
import type { Figures, SpeedRow, Took } from '../../core/dashboard'
import { brief, dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useClient } from '../context'
import { Heading } from '../parts/Heading'
import { Table, type Column } from '../parts/Table'
import { Chart } from './Chart'

export function Speed({
  speed,
  date,
}: {
  speed: Figures['speed']
  date: (date: string) => string
}) {
  const w = useWords()
  const a = useAdminWords()
  const client = useClient()
  const ms = (value: number | undefined) =>
    value === undefined
      ? '–'
      : `${value.toLocaleString(w.language, { maximumFractionDigits: value < 10 ? 1 : 0 })} ms`
  const when = (at: string) =>
    at.includes('T') ? dayAndClock(at, w.language, client.now()) : date(at)
  const days = speed.rows.map(({ at }) => ({ date: at }))
  const chart = (label: string, of: (row: SpeedRow) => Took, all: Took) => (
    <Chart
      label={label}
      days={days}
      values={speed.rows.map((row) => of(row).p95_ms ?? 0)}
      together="most"
      number={(value) => ms(value)}
      date={(at) => (at.includes('T') ? brief(at, w.language, client.now()) : date(at))}
      summary={a.tookUsually(ms(all.p50_ms), ms(all.p95_ms))}
    />
  )
  const column = (
    id: string,
    label: string,
    value: (row: SpeedRow) => number | undefined,
    wide = false,
  ): Column<SpeedRow & { id: number }> => ({
    id,
    label,
    by: (row) => value(row) ?? -1,
    cell: (row) => ms(value(row)),
    wide,
  })
  return (
    <>
      <Heading>{a.speed}</Heading>
      <p className="hint">{a.speedAbout}</p>
      {days.length > 0 && (
        <div className="charts">
          {chart(a.latency, ({ latency }) => latency, speed.latency)}
          {chart(a.delivery, ({ delivery }) => delivery, speed.delivery)}
        </div>
      )}
      <Table
        label={a.speed}
        rows={speed.rows.map((row, id) => ({ ...row, id }))}
        idOf={({ id }) => id}
        names={({ at }) => [when(at)]}
        first="at"
        down
        columns={[
          { id: 'at', label: a.columnAt, by: ({ id }) => id, cell: ({ at }) => when(at) },
          column('latency50', a.latencyHalf, ({ latency }) => latency.p50_ms, true),
          column('latency95', a.latencyMost, ({ latency }) => latency.p95_ms),
          column('delivery50', a.deliveryHalf, ({ delivery }) => delivery.p50_ms, true),
          column('delivery95', a.deliveryMost, ({ delivery }) => delivery.p95_ms),
        ]}
        empty={a.noFigures}
      />
    </>
  )
}
