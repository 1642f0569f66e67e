/** The house from above: who is in it, who may come, which rooms there are. */
import { useWords, type Words } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useChat } from '../context'
import type { IconName } from '../Icon'
import { later } from '../later'
import { Pages } from '../settings/Pages'
import { Invites } from './Invites'
import { PeopleTable } from './PeopleTable'
import { Demand } from './Demand'
import { Live } from './Live'
import { ServerFacts } from './ServerFacts'

// Each part comes when it is asked for; what they share comes with the first.
const RoomsTable = later(() => import('./RoomsTable'))
const Dashboard = later(() => import('./Dashboard'))
const WordsPage = later(() => import('./WordsPage'))
const Imports = later(() => import('./Imports'))
const Audit = later(() => import('./Audit'))
const Bots = later(() => import('../programs/Bots'))
const Incoming = later(() => import('../programs/Incoming'))
const Outgoing = later(() => import('../programs/Outgoing'))

type Said = ReturnType<typeof useAdminWords>

const sections: {
  id: string
  icon: IconName
  title: (w: Words, a: Said) => string
  Body: React.ComponentType
}[] = [
  { id: 'people', icon: 'people', title: (w) => w.adminPeople, Body: PeopleTable },
  { id: 'invites', icon: 'invite', title: (w) => w.adminInvites, Body: Invites },
  { id: 'rooms', icon: 'hash', title: (w) => w.adminRooms, Body: RoomsTable },
  { id: 'security', icon: 'lock', title: (w) => w.adminSecurity, Body: Demand },
  { id: 'statistics', icon: 'chart', title: (_, a) => a.dashboard, Body: Dashboard },
  { id: 'live', icon: 'clock', title: (w) => w.adminLive, Body: Live },
  { id: 'words', icon: 'book', title: (_, a) => a.words, Body: WordsPage },
  { id: 'imports', icon: 'upload', title: (_, a) => a.imports, Body: Imports },
  { id: 'hooks', icon: 'link', title: (_, a) => a.hooks, Body: Incoming },
  { id: 'webhooks', icon: 'forward', title: (_, a) => a.webhooks, Body: Outgoing },
  { id: 'bots', icon: 'bot', title: (_, a) => a.bots, Body: Bots },
  { id: 'audit', icon: 'shield', title: (_, a) => a.audit, Body: Audit },
  { id: 'server', icon: 'gear', title: (w) => w.adminServer, Body: ServerFacts },
]

export default function AdminPage({ section }: { section: string | undefined }) {
  const w = useWords()
  const a = useAdminWords()
  const admin = useChat((state) => state.me?.role === 'admin')
  const chosen = sections.find(({ id }) => id === section)
  const shown = chosen ?? sections[0]
  if (!admin || !shown) {
    return (
      <main className="nowhere">
        <p>{w.onlyAdmins}</p>
      </main>
    )
  }
  return (
    <Pages
      title={w.administration}
      chosen={chosen !== undefined}
      nav={sections.map(({ id, icon, title }) => ({
        to: `/admin/${id}`,
        icon,
        label: title(w, a),
        here: id === shown.id,
      }))}
      heading={shown.title(w, a)}
      listPath="/admin"
    >
      <shown.Body key={shown.id} />
    </Pages>
  )
}
