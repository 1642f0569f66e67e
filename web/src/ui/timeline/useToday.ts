import { useEffect, useState } from 'react'
import { dayKey, nextMidnight } from '../../core/time'
import { useClient } from '../context'

/** Today's day key; another one from midnight on. */
export function useToday(): string {
  const client = useClient()
  const [today, setToday] = useState(() => dayKey(client.now().toISOString()))
  useEffect(() => {
    const tick = () => setToday(dayKey(client.now().toISOString()))
    const now = client.now()
    const timer = setTimeout(tick, nextMidnight(now).getTime() - now.getTime() + 50)
    // A laptop that slept over midnight finds its timers late.
    document.addEventListener('visibilitychange', tick)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', tick)
    }
  }, [client, today])
  return today
}
