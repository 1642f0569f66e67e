/** Chooses a file, says what it is, and brings it to the server. */
import { useRef, useState, type DragEvent } from 'react'
import { bytes } from '../../core/figures'
import { useWords } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useClient } from '../context'
import { Icon } from '../Icon'
import { AreaField, SelectField } from '../parts/Fields'
import { Field, Form, text } from '../parts/Form'
import { useServer } from '../server'
import { useAction } from '../useAction'
import { bring } from './bring'
import type { Import } from '../../api/types'
import { administration } from './calls'

const FORMATS = ['slack', 'kakaotalk', 'mattermost', 'discord', 'csv', 'jsonl'] as const
type Format = (typeof FORMATS)[number]

/** Files that are of one room, and tell times without a zone. */
const OF_ONE_ROOM: readonly Format[] = ['kakaotalk', 'discord', 'csv']
const ZONES: Partial<Record<Format, number>> = { kakaotalk: 540, csv: 0 }

export function NewImportForm({ onBegun }: { onBegun: (begun: Import) => void }) {
  const w = useWords()
  const a = useAdminWords()
  const { api } = useClient()
  const server = useServer()
  const action = useAction()
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File | null>(null)
  const [over, setOver] = useState(false)
  const [format, setFormat] = useState<Format>('slack')
  const [sent, setSent] = useState(0)

  const choose = (next: File | undefined) => {
    if (!next) return
    setFile(next)
    setFormat(guess(next.name))
  }
  const drop = (e: DragEvent) => {
    e.preventDefault()
    setOver(false)
    choose(e.dataTransfer.files[0])
  }
  const begin = (fields: FormData) =>
    action.run(async () => {
      if (!file) return
      const uploaded = await bring(api, file, setSent, new AbortController().signal)
      const zone = text(fields, 'zone')
      const room = text(fields, 'room')
      const begun = await administration(api).beginImport({
        file_id: uploaded.id,
        format,
        ...(room === '' ? {} : { room }),
        users: pairs(text(fields, 'users')),
        ...(zone === '' ? {} : { utc_offset_minutes: Number(zone) }),
      })
      onBegun(begun)
    })
  return (
    <>
      <div
        className="drop"
        data-over={over}
        onDragOver={(e) => {
          e.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <p>{file ? `${file.name} (${bytes(file.size, w.language)})` : a.importDrop}</p>
        <button type="button" onClick={() => input.current?.click()}>
          <Icon name="file" /> {a.importPick}
        </button>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={a.importPick}
          onChange={(e) => choose(e.target.files?.[0])}
        />
        {server && <small>{a.importLimit(bytes(server.limits.file_bytes, w.language))}</small>}
      </div>
      {file && (
        <Form key={file.name} button={a.importLook} action={action} onSubmit={begin}>
          <SelectField
            key={format}
            name="format"
            label={a.importFormat}
            value={format}
            options={FORMATS.map((value) => ({ value, label: a.importFormats[value] ?? value }))}
            onChange={(value) => setFormat(value as Format)}
          />
          {OF_ONE_ROOM.includes(format) && (
            <Field
              name="room"
              label={a.importRoom}
              hint={a.importRoomHint}
              autoComplete="off"
              optional
              max={80}
            />
          )}
          {ZONES[format] !== undefined && (
            <Field
              name="zone"
              label={a.importZone}
              hint={a.importZoneHint}
              autoComplete="off"
              optional
              value={`${ZONES[format]}`}
              check={(value) => (/^-?\d{1,4}$/.test(value) ? null : a.importZoneHint)}
            />
          )}
          {format !== 'jsonl' && (
            <AreaField name="users" label={a.importUsers} hint={a.importUsersHint} />
          )}
          {action.busy && <progress max={1} value={sent} aria-label={a.importStates.uploading} />}
        </Form>
      )}
    </>
  )
}

/** By the name that programs give their files. */
function guess(name: string): Format {
  const lower = name.toLowerCase()
  if (/\.jsonl(\.gz)?$/.test(lower)) return lower.includes('mattermost') ? 'mattermost' : 'jsonl'
  if (lower.includes('kakao') || lower.endsWith('.txt')) return 'kakaotalk'
  if (lower.endsWith('.csv')) return 'csv'
  if (lower.endsWith('.json')) return 'discord'
  return lower.includes('mattermost') ? 'mattermost' : 'slack'
}

/** Pairs of names, one on a line. */
function pairs(typed: string): Record<string, string> {
  const found = typed
    .split('\n')
    .map((line) => line.split(/[,=\t]/))
    .filter((parts) => parts.length === 2)
    .map(([there = '', here = '']) => [there.trim(), here.trim()] as const)
  return Object.fromEntries(found.filter(([there, here]) => there !== '' && here !== ''))
}
