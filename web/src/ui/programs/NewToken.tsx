/** Makes an access token: what it may do, for how long, for whom; then shows it once. */
import { useState } from 'react'
import type { Scope, ShownToken, User } from '../../api/types'
import { useWords } from '../../i18n'
import { useProgramWords } from '../../i18n/programs'
import { useChat, useClient } from '../context'
import { Dialog } from '../parts/Dialog'
import { Checks, chosen, SelectField } from '../parts/Fields'
import { Choice } from '../parts/Choice'
import { Field, Form, text } from '../parts/Form'
import { useAction } from '../useAction'
import { programs } from './calls'
import { Once } from './Once'

const DAY_S = 86_400

/** The parts of `read` and `write`. */
const PARTS: readonly Scope[] = [
  'messages:read',
  'messages:write',
  'rooms:read',
  'rooms:write',
  'users:read',
  'users:write',
  'files:read',
  'files:write',
  'search:read',
  'events:read',
  'events:write',
  'hooks:read',
  'hooks:write',
]

export type Reach = 'read' | 'write' | 'admin' | 'parts'
export type Lasting = '7' | '30' | '90' | '365' | 'never'

const wide: Record<Exclude<Reach, 'parts'>, Scope[]> = {
  read: ['read'],
  write: ['read', 'write'],
  admin: ['admin'],
}

export const scopesOf = (reach: Reach, fields: FormData): Scope[] =>
  reach === 'parts' ? (chosen(fields, 'scope') as Scope[]) : wide[reach]

export const secondsOf = (lasting: Lasting) =>
  lasting === 'never' ? {} : { expires_in_s: Number(lasting) * DAY_S }

interface ReachProps {
  reach: Reach
  onReach: (reach: Reach) => void
  lasting: Lasting
  onLasting: (lasting: Lasting) => void
}

/** What a token may do and for how long; tokens and bots ask for it alike. */
export function ReachFields({ reach, onReach, lasting, onLasting }: ReachProps) {
  const p = useProgramWords()
  const admin = useChat((state) => state.me?.role === 'admin')
  const reaches: Reach[] = admin ? ['read', 'write', 'admin', 'parts'] : ['read', 'write', 'parts']
  return (
    <>
      <Choice
        label={p.reach}
        hint={p.reachHints[reach]}
        value={reach}
        options={reaches.map((value) => ({ value, label: p.reaches[value] }))}
        onChoose={onReach}
      />
      {reach === 'parts' && (
        <Checks
          name="scope"
          label={p.scopes}
          checked={['messages:read']}
          options={PARTS.map((value) => ({ value, label: p.scopeName(value) }))}
        />
      )}
      <Choice
        label={p.lasting}
        value={lasting}
        options={(['7', '30', '90', '365', 'never'] as const).map((value) => ({
          value,
          label: value === 'never' ? p.never : p.days(Number(value)),
        }))}
        onChoose={onLasting}
      />
    </>
  )
}

interface Props {
  /** Bots that it may be for. */
  bots: readonly User[]
  /** Only for this one. */
  of?: User
  onMade: () => void
  onClose: () => void
}

export function NewToken({ bots, of, onMade, onClose }: Props) {
  const w = useWords()
  const p = useProgramWords()
  const { api } = useClient()
  const me = useChat((state) => state.me)
  const action = useAction()
  const [reach, setReach] = useState<Reach>('write')
  const [lasting, setLasting] = useState<Lasting>('90')
  const [made, setMade] = useState<ShownToken | null>(null)
  const make = (fields: FormData) =>
    action.run(async () => {
      const whose = of?.id ?? Number(text(fields, 'whose') || me?.id)
      const token = await programs(api).createToken({
        name: text(fields, 'name'),
        scopes: scopesOf(reach, fields),
        ...secondsOf(lasting),
        ...(whose === me?.id ? {} : { user_id: whose }),
      })
      setMade(token)
      onMade()
    })
  if (made) {
    return (
      <Dialog title={p.tokenMade} onClose={onClose}>
        <Once
          label={p.tokenOf(made.name)}
          secret={made.token}
          hint={p.shownOnce}
          example={`curl -H "Authorization: Bearer $TOKEN" ${location.origin}/api/v1/me`}
        />
        <div className="buttons">
          <button type="button" onClick={onClose}>
            {w.close}
          </button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog title={of ? p.newTokenFor(of.display_name) : p.newToken} onClose={onClose}>
      <Form button={w.create} action={action} onSubmit={make}>
        <Field name="name" label={p.tokenName} hint={p.tokenNameHint} autoComplete="off" max={80} />
        {!of && bots.length > 0 && (
          <SelectField
            name="whose"
            label={p.whose}
            hint={p.whoseHint}
            options={[
              { value: `${me?.id ?? ''}`, label: p.mySelf },
              ...bots.map((bot) => ({ value: `${bot.id}`, label: bot.display_name })),
            ]}
          />
        )}
        <ReachFields reach={reach} onReach={setReach} lasting={lasting} onLasting={setLasting} />
      </Form>
    </Dialog>
  )
}
