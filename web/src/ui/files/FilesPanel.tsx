/** What was shared in a room: pictures as such, all else as a list; newest first. */
import { useCallback, useEffect, useState } from 'react'
import type { Room, SharedFile } from '../../api/types'
import { bytes, downloadUrl, ending, fileUrl, lookOf, thumbnailUrl } from '../../core/files/shape'
import { brief } from '../../core/time'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Panel } from '../panel/Panel'
import { Tabs } from '../parts/Tabs'
import { Problem } from '../Problem'
import { go, roomPath, threadPath } from '../route'
import { show } from '../shell/overlays'
import { useAction } from '../useAction'
import './files-panel.css'

type Kind = 'all' | 'pictures' | 'others'

export default function FilesPanel({ room, onClose }: { room: Room; onClose: () => void }) {
  const w = useWords()
  const client = useClient()
  const { id } = room
  const [shared, setShared] = useState<SharedFile[] | null>(null)
  const [cursor, setCursor] = useState<number>()
  const [kind, setKind] = useState<Kind>('all')
  const { problem, run } = useAction()
  // What is said now may bring another.
  const last = useChat((state) => {
    const message = state.rooms[id]?.last_message
    return message && message.files.length > 0 ? message.id : 0
  })
  const load = useCallback(
    (from?: number) =>
      run(async () => {
        const page = await client.api.roomFiles(id, from)
        setShared((old) => (from === undefined ? page.files : [...(old ?? []), ...page.files]))
        setCursor(page.cursor ?? undefined)
      }),
    [client, run, id],
  )
  useEffect(() => load(), [load, last])

  const isPicture = ({ file }: SharedFile) => lookOf(file) === 'picture'
  const pictures = (shared ?? []).filter(isPicture)
  const others = (shared ?? []).filter((one) => !isPicture(one))
  const view = (one: SharedFile) =>
    show({ kind: 'viewer', room: id, root: undefined, file: one.file.id, among: shared ?? [] })
  const where = ({ message }: SharedFile) =>
    message.reply_to == null
      ? roomPath(id, message.id)
      : threadPath(id, message.reply_to, message.id)
  const said = ({ message }: SharedFile) =>
    `${message.author.display_name} · ${brief(message.sent_at, w.language, client.now())}`
  return (
    <Panel title={w.files} onClose={onClose}>
      <div className="panel-body">
        <Tabs
          label={w.files}
          tabs={[
            { id: 'all', label: w.allFiles },
            { id: 'pictures', label: w.pictures },
            { id: 'others', label: w.otherFiles },
          ]}
          current={kind}
          onTab={setKind}
        >
          <Problem text={problem} />
          {shared?.length === 0 && (
            <div className="panel-empty">
              <Icon name="clip" />
              <strong>{w.noFiles}</strong>
              <p>{w.noFilesHint}</p>
            </div>
          )}
          {kind !== 'others' && pictures.length > 0 && (
            <ul className="shared-pictures">
              {pictures.map((one) => (
                <li key={one.file.id}>
                  <button
                    type="button"
                    aria-label={w.openPicture(one.file.name)}
                    data-tip={said(one)}
                    onClick={() => view(one)}
                  >
                    <img src={thumbnailUrl(one.file.id)} alt="" loading="lazy" decoding="async" />
                  </button>
                </li>
              ))}
            </ul>
          )}
          {kind !== 'pictures' && others.length > 0 && (
            <ul className="shared-files">
              {others.map((one) => (
                <li key={one.file.id}>
                  <span className="file-look" aria-hidden="true">
                    <Icon name="file" />
                    <small>{ending(one.file.name)}</small>
                  </span>
                  <span className="file-text">
                    {lookOf(one.file) === 'text' ? (
                      <button type="button" className="link" onClick={() => view(one)}>
                        {one.file.name}
                      </button>
                    ) : lookOf(one.file) === 'document' ? (
                      <a
                        href={fileUrl(one.file.id)}
                        target="_blank"
                        rel="noopener"
                        title={w.openDocument}
                      >
                        {one.file.name}
                      </a>
                    ) : (
                      <strong title={one.file.name}>{one.file.name}</strong>
                    )}
                    <small>
                      {bytes(one.file.size)} · {said(one)}
                    </small>
                  </span>
                  <button
                    type="button"
                    className="quiet"
                    aria-label={w.toMessageOf(one.file.name)}
                    data-tip={w.toMessage}
                    onClick={() => go(where(one))}
                  >
                    <Icon name="chat" />
                  </button>
                  <a
                    className="file-save"
                    href={downloadUrl(one.file.id)}
                    download={one.file.name}
                    aria-label={w.download(one.file.name)}
                    data-tip={w.downloadIt}
                  >
                    <Icon name="download" />
                  </a>
                </li>
              ))}
            </ul>
          )}
          {cursor !== undefined && (
            <button type="button" className="more" onClick={() => load(cursor)}>
              {w.more}
            </button>
          )}
        </Tabs>
      </div>
    </Panel>
  )
}
