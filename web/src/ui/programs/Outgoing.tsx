/** Outgoing webhooks: the events that one may hear, sent to a URL, with what went wrong last. */
import { useCallback, useEffect, useState } from 'react'
import type { Webhook } from '../../api/types'
import { dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { useProgramWords } from '../../i18n/programs'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Confirm } from '../parts/Dialog'
import { Acts } from '../parts/Fields'
import { Table } from '../parts/Table'
import { toast } from '../parts/toasts'
import { Problem } from '../Problem'
import { useAction } from '../useAction'
import { programs } from './calls'
import { NewWebhook } from './NewWebhook'
import { ReplayDialog } from './ReplayDialog'
import { useNames } from './useNames'

export default function Outgoing() {
  const w = useWords()
  const p = useProgramWords()
  const client = useClient()
  const { api } = client
  const [webhooks, setWebhooks] = useState<Webhook[] | null>(null)
  const [making, setMaking] = useState(false)
  const [replaying, setReplaying] = useState<Webhook | null>(null)
  const [ending, setEnding] = useState<Webhook | null>(null)
  const { problem, run } = useAction()
  const me = useChat((state) => state.me?.id)
  const names = useNames(webhooks?.map((webhook) => webhook.user_id))
  const whose = ({ user_id }: Webhook) => (user_id === me ? p.mySelf : (names[user_id] ?? ''))
  const load = useCallback(
    () => run(async () => setWebhooks(await programs(api).webhooks())),
    [api, run],
  )
  useEffect(load, [load])
  const end = (webhook: Webhook) =>
    run(async () => {
      await programs(api).deleteWebhook(webhook.id)
      setWebhooks((all) => all?.filter(({ id }) => id !== webhook.id) ?? null)
      toast({ text: p.hookDeleted })
    })
  const state = ({ failure }: Webhook) =>
    !failure ? 'well' : failure.retry_at == null ? 'dead' : 'failing'
  return (
    <>
      <Acts about={p.outgoingAbout}>
        <button type="button" onClick={load}>
          <Icon name="retry" /> {p.refresh}
        </button>
        <button type="button" className="primary" onClick={() => setMaking(true)}>
          <Icon name="plus" /> {p.newWebhook}
        </button>
      </Acts>
      <Problem text={problem} />
      <Table
        label={p.outgoing}
        rows={webhooks}
        idOf={(webhook) => webhook.id}
        names={(webhook) => [webhook.name, webhook.url, whose(webhook), ...webhook.events]}
        columns={[
          {
            id: 'name',
            label: w.columnName,
            by: (webhook) => webhook.name,
            cell: (webhook) => (
              <>
                {webhook.name}
                <br />
                <span className="cell-soft cell-long">{webhook.url}</span>
              </>
            ),
          },
          {
            id: 'whose',
            label: p.columnOwner,
            by: whose,
            cell: whose,
            wide: true,
          },
          {
            id: 'events',
            label: p.columnEvents,
            by: (webhook) => webhook.events.length,
            cell: (webhook) =>
              webhook.events.length === 0 ? p.allEvents : webhook.events.join(', '),
            wide: true,
          },
          {
            id: 'state',
            label: p.columnState,
            by: (webhook) => `${state(webhook)} ${webhook.failure?.attempts ?? 0}`,
            cell: (webhook) => (
              <>
                <span className={state(webhook) === 'well' ? 'tag' : 'tag tag-alarm'}>
                  {p.states[state(webhook)]}
                </span>
                {webhook.failure && (
                  <>
                    <br />
                    <span className="cell-soft cell-long">
                      {p.failed(webhook.failure.attempts, webhook.failure.reason)}
                      {webhook.failure.retry_at != null &&
                        ` ${p.nextTry(dayAndClock(webhook.failure.retry_at, w.language, client.now()))}`}
                    </span>
                  </>
                )}
              </>
            ),
          },
          {
            id: 'position',
            label: p.columnPosition,
            by: (webhook) => webhook.position,
            cell: (webhook) => webhook.position.toLocaleString(w.language),
            wide: true,
          },
        ]}
        actsOn={(webhook) => [
          { label: p.replay, icon: 'retry', onPick: () => setReplaying(webhook) },
          {
            label: p.deleteHook,
            icon: 'trash',
            danger: true,
            apart: true,
            onPick: () => setEnding(webhook),
          },
        ]}
        menuLabel={(webhook) => w.personMenu(webhook.name)}
        empty={p.noWebhooks}
      />
      {making && <NewWebhook onMade={load} onClose={() => setMaking(false)} />}
      {replaying && (
        <ReplayDialog
          webhook={replaying}
          onDone={(changed) =>
            setWebhooks((all) => all?.map((one) => (one.id === changed.id ? changed : one)) ?? null)
          }
          onClose={() => setReplaying(null)}
        />
      )}
      {ending && (
        <Confirm
          title={p.deleteSure(ending.name)}
          hint={p.deleteWebhookMeans}
          confirm={p.deleteHook}
          onConfirm={() => end(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </>
  )
}
