/** One import: what would come and what would be lost, how far it is, what came. */
import { useState } from 'react'
import { useWords } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useClient } from '../context'
import { Heading } from '../parts/Heading'
import { Problem } from '../Problem'
import { useAction } from '../useAction'
import type { Import } from '../../api/types'
import { administration } from './calls'

const COUNTS = [
  'messages',
  'replies',
  'reactions',
  'pins',
  'rooms',
  'users',
  'files',
  'repeated',
  'bad',
] as const

interface Props {
  shown: Import
  onChanged: (changed: Import) => void
  onDropped: () => void
}

export function ImportShown({ shown, onChanged, onDropped }: Props) {
  const w = useWords()
  const a = useAdminWords()
  const { api } = useClient()
  const { problem, run, busy } = useAction()
  const [skip, setSkip] = useState(false)
  const { state, counts, lost, bad_lines: bad, loaded, progress } = shown
  const number = (value: number) => value.toLocaleString(w.language)
  const go = () => run(async () => onChanged(await administration(api).runImport(shown.id, skip)))
  const drop = () =>
    run(async () => {
      await administration(api).dropImport(shown.id)
      onDropped()
    })
  const hasBad = (counts.bad ?? 0) > 0
  const moving = state === 'reading' || state === 'loading'
  return (
    <section className="import" aria-label={shown.file}>
      <p>
        <strong>{shown.file}</strong>{' '}
        <span className={state === 'failed' ? 'tag tag-alarm' : 'tag'} role="status">
          {a.importStates[state] ?? state}
        </span>
      </p>
      {moving && (
        <progress
          max={1}
          {...(progress == null ? {} : { value: progress })}
          aria-label={a.importStates[state]}
        />
      )}
      {shown.problem != null && (
        <p className="problem" role="alert">
          {shown.problem}
        </p>
      )}
      {loaded && (
        <p role="status">
          {a.importDone(number(loaded.created), number(loaded.repeated))} {a.importPeople}
        </p>
      )}
      {state !== 'reading' && (
        <>
          <Heading>{a.importWhat}</Heading>
          <dl className="counts">
            {COUNTS.filter((name) => (counts[name] ?? 0) > 0 || name === 'messages').map((name) => (
              <div key={name}>
                <dt>{a.importCounts[name]}</dt>
                <dd>{number(counts[name] ?? 0)}</dd>
              </div>
            ))}
          </dl>
          <Heading>{a.importLost}</Heading>
          {lost.length === 0 ? (
            <p className="hint">{a.importNoLost}</p>
          ) : (
            <ul>
              {lost.map(({ what, count }) => (
                <li key={what}>
                  {number(count)} × {what}
                </li>
              ))}
            </ul>
          )}
          {bad.length > 0 && (
            <>
              <Heading>{a.importBad}</Heading>
              <ul>
                {bad.map((line) => (
                  <li key={line.number}>
                    {a.importLine(number(line.number))}: {line.reason}
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
      <Problem text={problem} />
      {state === 'ready' && (
        <>
          {hasBad && (
            <label className="check">
              <input type="checkbox" checked={skip} onChange={(e) => setSkip(e.target.checked)} />
              <span>{a.importSkip}</span>
            </label>
          )}
          <div className="buttons">
            <button
              type="button"
              className="primary"
              aria-disabled={busy || (hasBad && !skip)}
              onClick={() => {
                if (!hasBad || skip) go()
              }}
            >
              {a.importGo}
            </button>
            <button type="button" onClick={drop}>
              {a.importGiveUp}
            </button>
          </div>
        </>
      )}
      {moving && (
        <div className="buttons">
          <button type="button" onClick={drop}>
            {a.importGiveUp}
          </button>
        </div>
      )}
    </section>
  )
}
