/** The node as it is now: figures that come each second, with what they were before. */
import { useEffect, useState } from 'react'
import { bytes, duration, growth, kept, line, type Stats } from '../../core/figures'
import { useWords } from '../../i18n'
import './admin.css'

/** `null` until the first ones came; told apart whether the line is broken. */
function useStats(): { all: readonly Stats[]; broken: boolean } {
  const [all, setAll] = useState<readonly Stats[]>([])
  const [broken, setBroken] = useState(false)
  useEffect(() => {
    let over = false
    let close: () => void = () => undefined
    import('socket.io-client').then(
      ({ io }) => {
        if (over) return
        const socket = io('/admin', {
          transports: ['websocket', 'polling'],
          tryAllTransports: true,
        })
        socket.on('stats', (next: Stats) => {
          setBroken(false)
          setAll((before) => kept(before, next))
        })
        socket.on('disconnect', () => setBroken(true))
        socket.on('connect_error', () => setBroken(true))
        close = () => socket.disconnect()
      },
      () => setBroken(true),
    )
    return () => {
      over = true
      close()
    }
  }, [])
  return { all, broken }
}

export function Live() {
  const w = useWords()
  const { all, broken } = useStats()
  const now = all.at(-1)
  if (!now) return <p role="status">{broken ? w.figuresBroken : w.loading}</p>
  const number = (value: number) => value.toLocaleString(w.language)
  const charts: { label: string; value: string; values: number[] }[] = [
    {
      label: w.figureOnline,
      value: number(now.users_online),
      values: all.map((one) => one.users_online),
    },
    {
      label: w.figureConnections,
      value: number(now.connections),
      values: all.map((one) => one.connections),
    },
    {
      label: w.figureCommands,
      value: number(now.commands_per_s),
      values: all.map((one) => one.commands_per_s),
    },
    rate(
      w.figureOut,
      all.map((one) => one.messages_out),
      number,
    ),
    rate(
      w.figureBytes,
      all.map((one) => one.bytes_out),
      (value) => bytes(value, w.language),
    ),
    {
      label: w.figureMemory,
      value: bytes(now.memory_bytes, w.language),
      values: all.map((one) => one.memory_bytes),
    },
  ]
  return (
    <>
      {now.trouble !== null && (
        <p className="problem" role="alert">
          {w.figureTrouble(now.trouble)}
        </p>
      )}
      {/* Its line stands empty while all is well: a short break moves nothing. */}
      <p role="status" className="figures-state">
        {broken && w.figuresBroken}
      </p>
      <ul className="figures" data-wide="true">
        {charts.map(({ label, value, values }) => (
          <li key={label} className="figure">
            <span className="figure-label">{label}</span>
            <strong>{value}</strong>
            <svg viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
              <path d={line(values)} />
            </svg>
            <small>
              {w.figureMost(most(values, label === w.figureMemory || label === w.figureBytes))}
            </small>
          </li>
        ))}
      </ul>
      <dl className="facts">
        <dt>{w.serverVersion}</dt>
        <dd>{now.version}</dd>
        <dt>{w.figureUptime}</dt>
        <dd>{duration(now.uptime_s, w.language)}</dd>
        <dt>{w.figureLog}</dt>
        <dd>{bytes(now.log_bytes, w.language)}</dd>
        <dt>{w.figureReports}</dt>
        <dd>{number(now.policy_reports)}</dd>
      </dl>
    </>
  )

  function most(values: readonly number[], inBytes: boolean): string {
    const highest = Math.max(0, ...values)
    return inBytes ? bytes(highest, w.language) : number(highest)
  }
}

function rate(label: string, counts: readonly number[], show: (value: number) => string) {
  const values = growth(counts)
  return { label, value: show(values.at(-1) ?? 0), values }
}
