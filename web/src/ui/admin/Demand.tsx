/** Of whom a second factor is demanded. */
import { factorsOf } from '../../core/factors'
import { useEffect, useState } from 'react'
import type { Security } from '../../api/types'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { Choice } from '../parts/Choice'
import { Problem } from '../Problem'
import { useAction } from '../useAction'

export function Demand() {
  const w = useWords()
  const { api } = useClient()
  const [now, setNow] = useState<Security | null>(null)
  const { problem, run } = useAction()
  useEffect(() => run(async () => setNow(await factorsOf(api).security())), [api, run])
  return (
    <>
      <Problem text={problem} />
      {now && (
        <>
          <Choice
            label={w.demandLabel}
            hint={w.demandHint}
            value={now.second_factor}
            options={[
              { value: 'nobody', label: w.demandNobody },
              { value: 'admins', label: w.demandAdmins },
              { value: 'everyone', label: w.demandEveryone },
            ]}
            onChoose={(of) => run(async () => setNow(await factorsOf(api).demandFactor(of)))}
          />
          <p className="hint">{w.demandWithout(now.without.length)}</p>
        </>
      )}
    </>
  )
}
