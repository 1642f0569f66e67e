/** Leads whoever opened the house through its beginning, and goes when that is over. */
import { useEffect } from 'react'
import { areDone, firstSteps, sameSteps } from '../../core/first-steps'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { show } from '../shell/overlays'
import './start.css'

export default function FirstSteps() {
  const w = useWords()
  const { api } = useClient()
  const steps = useChat(firstSteps, sameSteps)
  const done = steps !== null && areDone(steps)
  const end = () => {
    api.changeSettings({ begun: true }).catch(() => undefined)
  }
  useEffect(() => {
    if (done) api.changeSettings({ begun: true }).catch(() => undefined)
  }, [done, api])
  if (!steps || done) return null
  const write = () => document.querySelector<HTMLElement>('.room .composer textarea')?.focus()
  const list = [
    { label: w.stepRoom, done: steps.room, act: () => show({ kind: 'create-room' }) },
    { label: w.stepPeople, done: steps.people, act: () => show({ kind: 'invite' }) },
    { label: w.stepMessage, done: steps.message, act: write },
  ]
  const count = list.filter((one) => one.done).length
  return (
    <section className="first-steps" aria-label={w.firstSteps}>
      <header>
        <strong>{w.firstSteps}</strong>
        <small>{count} / 3</small>
        <button type="button" className="quiet" aria-label={w.skipSteps} onClick={end}>
          <Icon name="close" />
        </button>
      </header>
      <ol>
        {list.map((step) => (
          <li key={step.label} data-done={step.done}>
            <Icon name={step.done ? 'check' : 'forth'} />
            {step.done ? (
              <span>
                {step.label} <span className="unseen">{w.stepDone}</span>
              </span>
            ) : (
              <button type="button" className="link" onClick={step.act}>
                {step.label}
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
