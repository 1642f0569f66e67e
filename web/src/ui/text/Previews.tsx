/** What pages say of themselves that a message links to. Where they lead is said by their address. */
import type { Message } from '../../api/types'
import { previewPictureUrl } from '../../core/files/shape'
import { sentence, useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { toast } from '../parts/toasts'
import { useStop } from '../timeline/stop'
import './previews.css'

export function Previews({ message }: { message: Message }) {
  const w = useWords()
  const client = useClient()
  const stop = useStop()
  const mayHide = useChat(({ me, rooms }) => {
    if (me?.id === message.author.id) return true
    const room = rooms[message.room_id]
    if (!room?.me || room.kind === 'direct') return false
    return room.me.role === 'owner' || (me?.role === 'admin' && room.kind === 'public')
  })
  const hide = () => {
    client.api.hidePreviews(message.id).catch((error: unknown) => toast({ text: sentence(error) }))
  }
  return (
    <div className="previews">
      <ul aria-label={w.previews}>
        {message.previews?.map(({ url, title, description, site, picture }, n) => (
          <li key={url} className="link-preview">
            <small>
              {site != null && <bdi>{site} · </bdi>}
              {hostOf(url)}
            </small>
            <a href={url} tabIndex={stop} target="_blank" rel="noopener nofollow ugc">
              <bdi>{title}</bdi>
            </a>
            {description != null && <p>{description}</p>}
            {picture != null && (
              <a
                href={url}
                className="link-picture"
                tabIndex={-1}
                aria-hidden="true"
                target="_blank"
                rel="noopener nofollow ugc"
              >
                <img
                  src={previewPictureUrl(message.id, n)}
                  alt=""
                  {...within(picture)}
                  loading="lazy"
                  decoding="async"
                />
              </a>
            )}
          </li>
        ))}
      </ul>
      {mayHide && (
        <button
          type="button"
          className="quiet previews-hide"
          tabIndex={stop}
          aria-label={w.hidePreviews}
          data-tip={w.hidePreviews}
          onClick={hide}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  )
}

/** As large as it is shown: nothing moves when it comes. */
function within({ width, height }: { width: number; height: number }) {
  const scale = Math.min(1, WIDE_PX / width, HIGH_PX / height)
  return { width: Math.round(width * scale), height: Math.round(height * scale) }
}

const WIDE_PX = 320
const HIGH_PX = 180

/** As the browser reads it: letters of other scripts that look alike are written out. */
function hostOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return ''
  }
}
