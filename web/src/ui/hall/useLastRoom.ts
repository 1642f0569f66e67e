import { useEffect } from 'react'
import { useChat } from '../context'
import { go, roomPath, type Route } from '../route'

const key = (user: number) => `maru.last.${user}`

/** A wide screen begins in the room where one was last; a narrow one with the list of rooms. */
export function useLastRoom({ page, room }: Route): void {
  const me = useChat((state) => state.me?.id)
  const loaded = useChat((state) => state.loaded)
  const last = useChat((state) => {
    const id = state.me ? Number(localStorage.getItem(key(state.me.id))) : 0
    return state.rooms[id]?.me ? id : undefined
  })

  useEffect(() => {
    if (me === undefined || room === undefined) return
    try {
      localStorage.setItem(key(me), `${room}`)
    } catch {
      // Storage is full: the next start begins without a room.
    }
  }, [me, room])

  useEffect(() => {
    if (!loaded || page !== 'home' || last === undefined) return
    if (matchMedia('(width >= 48rem)').matches) go(roomPath(last), true)
  }, [loaded, page, last])
}
