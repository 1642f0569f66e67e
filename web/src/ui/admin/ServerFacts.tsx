import { useWords } from '../../i18n'
import { useServer } from '../server'
import './admin.css'

export function ServerFacts() {
  const w = useWords()
  const server = useServer()
  if (!server) return <p className="hint">{w.loading}</p>
  return (
    <dl className="facts">
      <dt>{w.serverName}</dt>
      <dd>{server.name}</dd>
      <dt>{w.serverVersion}</dt>
      <dd>{server.version}</dd>
      <dt>{w.serverSignup}</dt>
      <dd>{w.signupModes[server.signup] ?? server.signup}</dd>
    </dl>
  )
}
