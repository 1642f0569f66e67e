/** What one is told of, when, how loud, and whether in this browser at all. */
import { useEffect, useState } from 'react'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { pushState, turnOff, turnOn, type PushState } from '../notify/push'
import { Choice } from '../parts/Choice'
import { Problem } from '../Problem'
import { useAction } from '../useAction'
import { settings, useSettings } from './store'

export function Notifications() {
  const w = useWords()
  const now = useSettings()
  const [browser, setBrowser] = useState<PushState | null>(null)
  useEffect(() => {
    void pushState().then(setBrowser)
  }, [])
  // What stands first is known within a moment; what follows does not move then.
  if (browser === null) return <p className="hint">{w.loading}</p>
  return (
    <>
      <ThisBrowser first={browser} />
      <Choice
        label={w.notifyOf}
        hint={w.notifyOfHint}
        value={now.notify}
        options={[
          { value: 'all', label: w.notifyAll },
          { value: 'mentions', label: w.notifyMentions },
          { value: 'none', label: w.notifyNone },
        ]}
        onChoose={(notify) => settings.set({ notify })}
      />
      <Choice
        label={w.notifyWhen}
        hint={w.notifyWhenHint}
        value={now.notify_when}
        options={[
          { value: 'away', label: w.notifyAway },
          { value: 'always', label: w.notifyAlways },
        ]}
        onChoose={(notify_when) => settings.set({ notify_when })}
      />
      <Choice
        label={w.notifyText}
        hint={w.notifyTextHint}
        value={now.notify_text}
        options={[
          { value: 'show', label: w.notifyTextShow },
          { value: 'hide', label: w.notifyTextHide },
        ]}
        onChoose={(notify_text) => settings.set({ notify_text })}
      />
      <Choice
        label={w.sound}
        value={now.sound}
        options={[
          { value: 'off', label: w.turnedOff },
          { value: 'on', label: w.turnedOn },
        ]}
        onChoose={(sound) => settings.set({ sound })}
      />
      <Choice
        label={w.quietHours}
        hint={w.quietHoursHint}
        value={now.quiet}
        options={[
          { value: 'off', label: w.turnedOff },
          { value: 'on', label: w.turnedOn },
        ]}
        onChoose={(quiet) => settings.set({ quiet })}
      />
      {now.quiet === 'on' && (
        <div className="times">
          <Time
            label={w.quietFrom}
            value={now.quiet_from}
            onChange={(quiet_from) => settings.set({ quiet_from })}
          />
          <Time
            label={w.quietTo}
            value={now.quiet_to}
            onChange={(quiet_to) => settings.set({ quiet_to })}
          />
        </div>
      )}
    </>
  )
}

function Time(props: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <label className="time">
      <span>{props.label}</span>
      <input
        type="time"
        value={props.value}
        required
        onChange={(e) => {
          if (e.target.value !== '') props.onChange(e.target.value)
        }}
      />
    </label>
  )
}

/** Browsers ask only when somebody presses something. */
function ThisBrowser({ first }: { first: PushState }) {
  const w = useWords()
  const { api } = useClient()
  const [state, setState] = useState(first)
  const { problem, run } = useAction()
  const said = {
    impossible: w.pushImpossible,
    denied: w.pushDenied,
    off: w.pushOff,
    on: w.pushOn,
  }
  return (
    <section className="this-browser" aria-label={w.thisBrowser}>
      <div>
        <strong>{w.thisBrowser}</strong>
        <p role="status">{said[state]}</p>
      </div>
      {state === 'off' && (
        <button
          type="button"
          className="primary"
          onClick={() => run(async () => setState(await turnOn(api)))}
        >
          {w.turnOn}
        </button>
      )}
      {state === 'on' && (
        <button type="button" onClick={() => run(async () => setState(await turnOff(api)))}>
          {w.turnOff}
        </button>
      )}
      <Problem text={problem} />
    </section>
  )
}
