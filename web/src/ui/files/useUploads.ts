/** The uploads of a place, and what a message that is not sent yet shows of its own. */
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { Job } from '../../core/files/uploads'
import { useClient } from '../context'

export function useUploads(place: string): readonly Job[] {
  const { uploads } = useClient()
  return useSyncExternalStore(uploads.subscribe, () => uploads.of(place))
}

/** A picture that is here already, shown before the server has it. */
export function useContent(key: string | undefined): string | undefined {
  const { uploads } = useClient()
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const blob = key === undefined ? undefined : uploads.content(key)
    if (!blob) return
    const made = URL.createObjectURL(blob)
    // eslint-disable-next-line react-hooks/set-state-in-effect -- it is made and let go with this
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [uploads, key])
  return url
}
