import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'

/** Says that the connection is gone; the style lets a short break pass unseen. */
export function Banner() {
  const w = useWords()
  const client = useClient()
  const link = useChat((state) => state.link)
  return (
    <div role="status" data-link={link}>
      {link === 'offline' && (
        <p className="banner">
          {w.offline}{' '}
          <button type="button" className="link" onClick={() => client.nudge()}>
            {w.reconnect}
          </button>
        </p>
      )}
    </div>
  )
}
