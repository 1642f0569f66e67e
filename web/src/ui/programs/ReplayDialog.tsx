/** Delivers again: from where it stopped, from a time, or from a position. */
import { useState } from 'react'
import type { Webhook } from '../../api/types'
import { useProgramWords } from '../../i18n/programs'
import { useClient } from '../context'
import { Choice } from '../parts/Choice'
import { Dialog } from '../parts/Dialog'
import { Field, Form, text } from '../parts/Form'
import { toast } from '../parts/toasts'
import { useAction } from '../useAction'
import { programs } from './calls'

type From = 'stop' | 'time' | 'position'

interface Props {
  webhook: Webhook
  onDone: (webhook: Webhook) => void
  onClose: () => void
}

export function ReplayDialog({ webhook, onDone, onClose }: Props) {
  const p = useProgramWords()
  const { api } = useClient()
  const action = useAction()
  const [from, setFrom] = useState<From>('stop')
  const replay = (fields: FormData) =>
    action.run(async () => {
      const body =
        from === 'time'
          ? { since: new Date(text(fields, 'since')).toISOString() }
          : from === 'position'
            ? { seq: Number(text(fields, 'seq')) }
            : {}
      onDone(await programs(api).replay(webhook.id, body))
      toast({ text: p.replayed })
      onClose()
    })
  return (
    <Dialog title={p.replayOf(webhook.name)} onClose={onClose}>
      <Form button={p.replay} action={action} onSubmit={replay} hint={p.replayMeans}>
        <Choice
          label={p.replayFrom}
          value={from}
          options={(['stop', 'time', 'position'] as const).map((value) => ({
            value,
            label: p.replayFroms[value],
          }))}
          onChoose={setFrom}
        />
        {from === 'time' && (
          <label className="field">
            <span>{p.replayFroms.time}</span>
            <input type="datetime-local" name="since" required />
          </label>
        )}
        {from === 'position' && (
          <Field
            name="seq"
            label={p.replayFroms.position}
            autoComplete="off"
            value={`${webhook.position}`}
            check={(value) => (/^\d+$/.test(value) ? null : p.aNumber)}
          />
        )}
      </Form>
    </Dialog>
  )
}
