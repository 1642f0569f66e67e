/** The one place beside a room: what stands in it is in the address. */
import { useMemo } from 'react'
import { later } from '../later'
import { useChat, useClient } from '../context'
import { leaveTo, withoutPanel, type Route } from '../route'
import { useLeaving } from './useReturn'

const ThreadPanel = later(() => import('../thread/ThreadPanel'))
const SearchPanel = later(() => import('../search/SearchPanel'))
const FilesPanel = later(() => import('../files/FilesPanel'))
const PinsPanel = later(() => import('../places/PinsPanel'))
const MembersPanel = later(() => import('./MembersPanel'))

export function RightSlot({ route }: { route: Route }) {
  const client = useClient()
  const room = useChat((state) => (route.room === undefined ? undefined : state.rooms[route.room]))
  const { root, message, visit } = route
  useLeaving(route.panel)
  const target = useMemo(
    () => (message === undefined ? undefined : { message, visit }),
    [message, visit],
  )
  const close = () => leaveTo(withoutPanel(route))
  switch (route.panel) {
    case 'search':
      return <SearchPanel api={client.api} room={route.room} onClose={close} />
    case 'thread':
      if (!room || root === undefined) return null
      return <ThreadPanel key={root} room={room} root={root} target={target} onClose={close} />
    case 'members':
      return room ? <MembersPanel room={room} onClose={close} /> : null
    case 'files':
      return room ? <FilesPanel room={room} onClose={close} /> : null
    case 'pins':
      return room ? <PinsPanel room={room} onClose={close} /> : null
    case undefined:
      return null
  }
}
