import { useEffect, useState } from 'react'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'

export function Typing({ room }: { room: number }) {
  const w = useWords()
  const client = useClient()
  const typers = useChat((state) => state.typing[room])
  const users = useChat((state) => state.users)
  const [now, setNow] = useState(0)
  const latest = Math.max(0, ...Object.values(typers ?? {}))

  useEffect(() => {
    const tick = () => setNow(client.now().getTime())
    tick()
    if (latest === 0) return
    const timer = setInterval(tick, 1_000)
    return () => clearInterval(timer)
  }, [client, latest])

  useEffect(() => client.name(Object.keys(typers ?? {}).map(Number)), [client, typers])

  const names = Object.entries(typers ?? {})
    .filter(([, until]) => until > now)
    .map(([id]) => users[Number(id)]?.display_name ?? w.unknownUser)
  const [a, b] = names
  const text =
    a === undefined
      ? ''
      : b === undefined
        ? w.typingOne(a)
        : names.length === 2
          ? w.typingTwo(a, b)
          : w.typingMany
  return <p className="typing">{text}</p>
}
