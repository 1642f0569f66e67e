/** The house from above: who is in it, who may come, which rooms there are. */
import { useWords, type Words } from '../../i18n'
import { useChat } from '../context'
import type { IconName } from '../Icon'
import { Pages } from '../settings/Pages'
import { Invites } from './Invites'
import { PeopleTable } from './PeopleTable'
import { RoomsTable } from './RoomsTable'
import { Live } from './Live'
import { ServerFacts } from './ServerFacts'

const sections: {
  id: string
  icon: IconName
  title: (w: Words) => string
  Body: () => React.ReactNode
}[] = [
  { id: 'people', icon: 'people', title: (w) => w.adminPeople, Body: PeopleTable },
  { id: 'invites', icon: 'invite', title: (w) => w.adminInvites, Body: Invites },
  { id: 'rooms', icon: 'hash', title: (w) => w.adminRooms, Body: RoomsTable },
  { id: 'live', icon: 'chart', title: (w) => w.adminLive, Body: Live },
  { id: 'server', icon: 'gear', title: (w) => w.adminServer, Body: ServerFacts },
]

export default function AdminPage({ section }: { section: string | undefined }) {
  const w = useWords()
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
        label: title(w),
        here: id === shown.id,
      }))}
      heading={shown.title(w)}
      listPath="/admin"
    >
      <shown.Body key={shown.id} />
    </Pages>
  )
}
