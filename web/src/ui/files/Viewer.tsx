/** A picture, or a text, as large as the window; beside it those of the same room or thread. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { SharedFile } from '../../api/types'
import { bytes, downloadUrl, lookOf } from '../../core/files/shape'
import { roomLine, threadLine } from '../../core/model'
import { dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Picture } from './Zoom'
import { TextFile } from './TextFile'
import './viewer.css'

interface Props {
  room: number
  root: number | undefined
  file: number
  /** Where it is shown from, if that is no line of messages: the files of a room. */
  among?: readonly SharedFile[] | undefined
  onClose: () => void
}

export default function Viewer({ room, root, file, among, onClose }: Props) {
  const w = useWords()
  const client = useClient()
  const dialog = useRef<HTMLDialogElement>(null)
  const line = root === undefined ? roomLine(room) : threadLine(root)
  const messages = useChat((state) => state.timelines[line]?.messages)
  const all = useMemo(() => {
    const shown =
      among ??
      (messages ?? []).flatMap((message) => message.files.map((one) => ({ file: one, message })))
    const first = shown.find((one) => one.file.id === file)
    const look = first && lookOf(first.file)
    return shown.filter((one) => lookOf(one.file) === look)
  }, [among, messages, file])
  const [at, setAt] = useState(file)
  const place = all.findIndex((one) => one.file.id === at)
  const current = all[place]
  const close = useRef(onClose)
  useEffect(() => {
    close.current = onClose
  })
  const gone = current === undefined
  useEffect(() => {
    if (gone) close.current()
  }, [gone])

  useLayoutEffect(() => {
    const element = dialog.current
    if (!element) return
    element.showModal()
    element.focus()
    return () => element.close()
  }, [])

  if (!current) return null
  const step = (by: number) => {
    const next = all[place + by]
    if (next) setAt(next.file.id)
  }
  const { file: shown, message } = current
  const isPicture = lookOf(shown) === 'picture'
  return (
    <dialog
      ref={dialog}
      className="viewer"
      aria-label={shown.name}
      tabIndex={-1}
      onCancel={(e) => {
        e.preventDefault()
        onClose()
      }}
      onKeyDown={(e) => {
        if (e.key === 'ArrowLeft' && isPicture) step(-1)
        else if (e.key === 'ArrowRight' && isPicture) step(1)
        else if (e.key === 'Home' && isPicture) step(-place)
        else if (e.key === 'End' && isPicture) step(all.length - 1 - place)
        else return
        e.preventDefault()
      }}
    >
      <header className="viewer-head">
        <div className="viewer-name">
          <strong title={shown.name}>{shown.name}</strong>
          <small>
            {message.author.display_name} · {dayAndClock(message.sent_at, w.language, client.now())}{' '}
            · {bytes(shown.size)}
          </small>
        </div>
        {all.length > 1 && (
          <span className="viewer-count" role="status">
            {w.ofAll(place + 1, all.length)}
          </span>
        )}
        <a
          href={downloadUrl(shown.id)}
          download={shown.name}
          aria-label={w.download(shown.name)}
          data-tip={w.downloadIt}
        >
          <Icon name="download" />
        </a>
        <button type="button" className="quiet" aria-label={w.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {isPicture ? (
        <Picture key={shown.id} file={shown} />
      ) : (
        <TextFile key={shown.id} file={shown} />
      )}
      {all.length > 1 && isPicture && (
        <>
          <button
            type="button"
            className="viewer-step viewer-back"
            aria-label={w.previousPicture}
            aria-disabled={place === 0}
            onClick={() => step(-1)}
          >
            <Icon name="back" />
          </button>
          <button
            type="button"
            className="viewer-step viewer-forth"
            aria-label={w.nextPicture}
            aria-disabled={place === all.length - 1}
            onClick={() => step(1)}
          >
            <Icon name="forth" />
          </button>
        </>
      )}
    </dialog>
  )
}
