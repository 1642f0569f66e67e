import type { Pending } from '../core/model'
import { sentenceFor, w } from '../i18n'
import { useChat, useClient } from './context'
import { MessageText } from './MessageText'
import { Tile } from './Tile'

const noNames: string[] = []

/** A message on its way: shown at once, quiet until confirmed, with a choice when refused. */
export function PendingItem({ pending }: { pending: Pending }) {
  const client = useClient()
  const me = useChat((state) => state.me)
  const { client_id, error } = pending
  return (
    <li className="message message-pending" data-state={error === undefined ? 'sending' : 'failed'}>
      <Tile id={me?.id ?? 0} name={me?.display_name ?? ''} />
      <div className="message-main">
        <div className="message-head">
          <strong>{me?.display_name}</strong>
          {error === undefined && <span className="unseen">{w.sending}</span>}
        </div>
        <MessageText text={pending.text} names={noNames} />
        {error !== undefined && (
          <p className="failed" role="alert">
            {w.failedToSend} {sentenceFor(error)}{' '}
            <button type="button" className="link" onClick={() => client.retry(client_id)}>
              {w.retry}
            </button>{' '}
            <button type="button" className="link" onClick={() => client.drop(client_id)}>
              {w.drop}
            </button>
          </p>
        )}
      </div>
    </li>
  )
}
