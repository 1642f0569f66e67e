/** Who has to have a second factor sets it up before anything else. */
import { useState } from 'react'
import type { MyFactors } from '../../api/types'
import type { Api } from '../../core/api'
import { useWords } from '../../i18n'
import { Emblem } from '../Icon'
import { Security } from '../security/Security'
import { useAction } from '../useAction'
import './entry.css'
import '../settings/settings.css'

interface Props {
  api: Api
  onDone: () => Promise<void>
  onSignOut: () => void
}

const now = () => new Date()

export default function Enrol({ api, onDone, onSignOut }: Props) {
  const w = useWords()
  const [mine, setMine] = useState<MyFactors | null>(null)
  const action = useAction()
  const some = mine !== null && (mine.totp != null || mine.passkeys.length > 0)
  return (
    <main className="entry">
      <div className="entry-card">
        <Emblem />
        <h1>{w.enrolTitle}</h1>
        <Security api={api} now={now} onFactors={setMine} />
        <div className="buttons">
          <button type="button" onClick={onSignOut}>
            {w.signOut}
          </button>
          {some && (
            <button
              type="button"
              className="primary"
              aria-disabled={action.busy}
              onClick={() => action.run(onDone)}
            >
              {w.enrolDone}
            </button>
          )}
        </div>
      </div>
    </main>
  )
}
