/** A conversation with these people, made if there is none yet. */
import { useMemo } from 'react'
import { sentence } from '../../i18n'
import { useClient } from '../context'
import { toast } from '../parts/toasts'
import { go, roomPath } from '../route'

export function useDirect(): {
  start: (people: number[]) => void
  open: (people: number[]) => Promise<void>
} {
  const client = useClient()
  return useMemo(() => {
    const open = async (people: number[]) => {
      const room = await client.api.direct(people)
      // Known before it is gone to: otherwise the page says that there is no such room.
      await client.refresh(room.id)
      go(roomPath(room.id))
    }
    return {
      open,
      start: (people: number[]) => {
        open(people).catch((error: unknown) => toast({ text: sentence(error) }))
      },
    }
  }, [client])
}
