/** What the workspace is called and looks like; what the server says of itself. */
import { useRef } from 'react'
import type { ServerInfo } from '../../api/types'
import { useWords } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useClient } from '../context'
import { HouseMark } from '../HouseMark'
import { Field, Form, text } from '../parts/Form'
import { toast } from '../parts/toasts'
import { Problem } from '../Problem'
import { square } from '../profile/square'
import { learnServer, useServer } from '../server'
import { useAction } from '../useAction'
import './admin.css'
import { administration } from './calls'

export function ServerFacts() {
  const w = useWords()
  const a = useAdminWords()
  const { api } = useClient()
  const server = useServer()
  const input = useRef<HTMLInputElement>(null)
  const naming = useAction()
  const picturing = useAction()
  if (!server) return <p className="hint">{w.loading}</p>
  const learn = (info: ServerInfo) => {
    learnServer(info)
    toast({ text: w.saved })
  }
  const rename = (fields: FormData) =>
    naming.run(async () => learn(await administration(api).nameWorkspace(text(fields, 'name'))))
  const picture = (change: () => Promise<ServerInfo>) =>
    picturing.run(async () => learn(await change()))
  return (
    <>
      <section className="workspace" aria-label={a.workspacePicture}>
        <HouseMark />
        <div className="avatar-field">
          <button
            type="button"
            aria-disabled={picturing.busy}
            onClick={() => input.current?.click()}
          >
            {w.changePicture}
          </button>
          {server.picture != null && (
            <button
              type="button"
              aria-disabled={picturing.busy}
              onClick={() => picture(() => administration(api).removePicture())}
            >
              {w.removePicture}
            </button>
          )}
          <input
            ref={input}
            type="file"
            accept="image/png,image/jpeg,image/gif,image/webp"
            hidden
            aria-label={a.workspacePicture}
            tabIndex={-1}
            onChange={(e) => {
              const [file] = e.currentTarget.files ?? []
              e.currentTarget.value = ''
              if (file) picture(async () => administration(api).setPicture(await square(file)))
            }}
          />
          <small className="hint">{a.workspacePictureHint}</small>
        </div>
      </section>
      <Problem text={picturing.problem} />
      <Form key={server.name} button={w.save} action={naming} onSubmit={rename}>
        <Field
          name="name"
          label={a.workspaceName}
          hint={a.workspaceNameHint}
          autoComplete="off"
          optional
          max={64}
          value={server.name}
        />
      </Form>
      <dl className="facts">
        <dt>{w.serverVersion}</dt>
        <dd>{server.version}</dd>
        <dt>{w.serverSignup}</dt>
        <dd>{w.signupModes[server.signup] ?? server.signup}</dd>
      </dl>
    </>
  )
}
