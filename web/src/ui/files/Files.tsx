/** What a message carries: pictures in boxes known beforehand, players, cards. */
import type { Attachment, Message } from '../../api/types'
import type { Pending } from '../../core/model'
import {
  boxOf,
  bytes,
  downloadUrl,
  ending,
  fileUrl,
  lookOf,
  thumbnailUrl,
} from '../../core/files/shape'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { show } from '../shell/overlays'
import { useStop } from '../timeline/stop'
import { useContent, useUploads } from './useUploads'
import './files.css'

interface Props {
  message: Message
  pending: Pending | undefined
  inThread: boolean
}

export function Files({ message, pending, inThread }: Props) {
  const { files } = message
  const pictures = files.filter((file) => lookOf(file) === 'picture')
  const others = files.filter((file) => lookOf(file) !== 'picture')
  const keyOf = (file: Attachment) => pending?.files?.[files.indexOf(file)]?.key
  const open = (file: Attachment) =>
    show({
      kind: 'viewer',
      room: message.room_id,
      root: inThread ? (message.reply_to ?? message.id) : undefined,
      file: file.id,
    })
  return (
    <div className="files">
      {pictures.length > 0 && (
        <div className="pictures">
          {pictures.map((file, n) => (
            <Picture
              key={n}
              file={file}
              local={keyOf(file)}
              alone={pictures.length === 1}
              onOpen={() => open(file)}
            />
          ))}
        </div>
      )}
      {others.map((file, n) => (
        <Other key={n} file={file} onOpen={() => open(file)} />
      ))}
      {pending && pending.error === undefined && <Progress client_id={pending.client_id} />}
    </div>
  )
}

interface PictureProps {
  file: Attachment
  /** Of its upload: what is here already need not be fetched. */
  local: string | undefined
  alone: boolean
  onOpen: () => void
}

function Picture({ file, local, alone, onOpen }: PictureProps) {
  const w = useWords()
  const stop = useStop()
  const here = useContent(local)
  const { width, height } = boxOf(file, alone)
  const style = { width, aspectRatio: `${width} / ${height}` }
  const src = here ?? (file.id === 0 ? undefined : thumbnailUrl(file.id))
  const picture = src !== undefined && (
    <img src={src} alt="" width={width} height={height} loading="lazy" decoding="async" />
  )
  if (file.id === 0) {
    return (
      <span className="picture" style={style}>
        {picture}
      </span>
    )
  }
  return (
    <button
      type="button"
      className="picture"
      style={style}
      tabIndex={stop}
      aria-label={w.openPicture(file.name)}
      onClick={onOpen}
    >
      {picture}
    </button>
  )
}

function Other({ file, onOpen }: { file: Attachment; onOpen: () => void }) {
  const w = useWords()
  const stop = useStop()
  const look = file.id === 0 ? 'file' : lookOf(file)
  if (look === 'video') {
    return (
      <figure className="player">
        <video src={fileUrl(file.id)} controls preload="metadata" aria-label={file.name} />
        <Caption file={file} />
      </figure>
    )
  }
  if (look === 'audio') {
    return (
      <figure className="player player-sound">
        <audio src={fileUrl(file.id)} controls preload="none" aria-label={file.name} />
        <Caption file={file} />
      </figure>
    )
  }
  return (
    <div className="file-card">
      <span className="file-look" aria-hidden="true">
        <Icon name="file" />
        <small>{ending(file.name)}</small>
      </span>
      <span className="file-text">
        {look === 'text' ? (
          <button type="button" className="link" tabIndex={stop} onClick={onOpen}>
            {file.name}
          </button>
        ) : look === 'document' ? (
          <a
            href={fileUrl(file.id)}
            tabIndex={stop}
            target="_blank"
            rel="noopener"
            title={w.openDocument}
          >
            {file.name}
          </a>
        ) : (
          <strong title={file.name}>{file.name}</strong>
        )}
        <small>{bytes(file.size)}</small>
      </span>
      {file.id !== 0 && <Save file={file} />}
    </div>
  )
}

function Caption({ file }: { file: Attachment }) {
  return (
    <figcaption>
      <span title={file.name}>{file.name}</span>
      <small>{bytes(file.size)}</small>
      <Save file={file} />
    </figcaption>
  )
}

function Save({ file }: { file: Attachment }) {
  const w = useWords()
  const stop = useStop()
  return (
    <a
      className="file-save"
      tabIndex={stop}
      href={downloadUrl(file.id)}
      download={file.name}
      aria-label={w.download(file.name)}
      data-tip={w.downloadIt}
    >
      <Icon name="download" />
    </a>
  )
}

/** Over the files, so that nothing moves when they are whole. */
function Progress({ client_id }: { client_id: string }) {
  const w = useWords()
  const jobs = useUploads(`sent.${client_id}`)
  const all = jobs.reduce((sum, { size }) => sum + size, 0)
  const sent = jobs.reduce((sum, job) => sum + (job.state === 'done' ? job.size : job.sent), 0)
  if (jobs.every(({ state }) => state === 'done')) return null
  return <progress max={all || 1} value={sent} aria-label={w.uploadingAll(jobs.length)} />
}
