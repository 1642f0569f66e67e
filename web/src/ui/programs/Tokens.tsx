/** Access tokens of the reader and the reader's bots: what they may do, when they were used. */
import { useCallback, useEffect, useState } from 'react'
import type { AccessToken, User } from '../../api/types'
import { brief, dayAndClock } from '../../core/time'
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
import { NewToken } from './NewToken'

const NEVER = Number.MAX_SAFE_INTEGER

export default function Tokens() {
  const w = useWords()
  const p = useProgramWords()
  const client = useClient()
  const { api } = client
  const me = useChat((state) => state.me)
  const [tokens, setTokens] = useState<AccessToken[] | null>(null)
  const [bots, setBots] = useState<User[]>([])
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<AccessToken | null>(null)
  const { problem, run } = useAction()
  const load = useCallback(
    () =>
      run(async () => {
        const [all, found] = await Promise.all([programs(api).tokens(), programs(api).bots()])
        setTokens(all)
        setBots(found.filter((bot) => !bot.disabled))
      }),
    [api, run],
  )
  useEffect(load, [load])
  const when = (at: string) => brief(at, w.language, client.now())
  const whose = (token: AccessToken) =>
    token.user_id === me?.id
      ? p.mySelf
      : (bots.find((bot) => bot.id === token.user_id)?.display_name ?? p.aBot)
  const end = (token: AccessToken) =>
    run(async () => {
      await programs(api).revokeToken(token.id)
      setTokens((all) => all?.filter(({ id }) => id !== token.id) ?? null)
      toast({ text: p.tokenRevoked })
    })
  return (
    <>
      <Acts about={p.tokensAbout}>
        <button type="button" className="primary" onClick={() => setMaking(true)}>
          <Icon name="plus" /> {p.newToken}
        </button>
      </Acts>
      <Problem text={problem} />
      <Table
        label={p.tokens}
        rows={tokens}
        idOf={(token) => token.id}
        names={(token) => [token.name, whose(token), ...token.scopes]}
        columns={[
          {
            id: 'name',
            label: w.columnName,
            by: (token) => token.name,
            cell: (token) => (
              <>
                {token.name}
                {token.user_id !== me?.id && (
                  <>
                    {' '}
                    <span className="tag">{whose(token)}</span>
                  </>
                )}
              </>
            ),
          },
          {
            id: 'scopes',
            label: p.scopes,
            by: (token) => token.scopes.join(' '),
            cell: (token) => (
              <span className="tags">
                {token.scopes.map((scope) => (
                  <span key={scope} className="tag">
                    {p.scopeName(scope)}
                  </span>
                ))}
              </span>
            ),
            wide: true,
          },
          {
            id: 'made',
            label: p.columnMade,
            by: (token) => token.id,
            cell: (token) => when(token.created_at),
            wide: true,
          },
          {
            id: 'used',
            label: p.columnUsed,
            by: (token) => (token.last_used_at == null ? 0 : Date.parse(token.last_used_at)),
            cell: (token) => (token.last_used_at == null ? p.notUsed : when(token.last_used_at)),
          },
          {
            id: 'ends',
            label: w.columnExpires,
            by: (token) => (token.expires_at == null ? NEVER : Date.parse(token.expires_at)),
            cell: (token) =>
              token.expires_at == null
                ? p.never
                : dayAndClock(token.expires_at, w.language, client.now()),
          },
        ]}
        actsOn={(token) => [
          { label: p.revokeToken, icon: 'trash', danger: true, onPick: () => setEnding(token) },
        ]}
        menuLabel={(token) => w.personMenu(token.name)}
        empty={p.noTokens}
      />
      {making && <NewToken bots={bots} onMade={load} onClose={() => setMaking(false)} />}
      {ending && (
        <Confirm
          title={p.revokeSure(ending.name)}
          hint={p.revokeMeans}
          confirm={p.revokeToken}
          onConfirm={() => end(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </>
  )
}
