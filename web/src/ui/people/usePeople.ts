/** Finding somebody in the whole house: the server looks, for nobody holds everybody. */
import { useEffect, useMemo, useState } from 'react'
import type { User } from '../../api/types'
import { find } from '../../core/hangul'
import { sentence } from '../../i18n'
import { useClient } from '../context'

const none: User[] = []

/** The people whom a half-typed name may mean; with `all`, the first of all while it is empty. */
export function usePeople(typed: string, limit: number, all = false) {
  const { api } = useClient()
  const [answer, setAnswer] = useState<{ q: string; people: User[] }>({ q: '', people: none })
  const [problem, setProblem] = useState<string | null>(null)
  const q = typed.normalize('NFC').trim()
  const idle = q === '' && !all
  useEffect(() => {
    if (idle) return
    const abort = new AbortController()
    const { signal } = abort
    api.findPeople(q, limit, signal).then(
      (found) => {
        setAnswer({ q, people: found })
        setProblem(null)
      },
      (error: unknown) => {
        if (!signal.aborted) setProblem(sentence(error))
      },
    )
    return () => abort.abort()
  }, [api, q, limit, idle])
  const people = useMemo(() => {
    if (idle) return none
    if (answer.q === q) return answer.people
    // Still the answer to what was typed before: who does not fit any more is nobody's choice.
    return find(q, answer.people, (user) => [user.display_name, user.username])
  }, [answer, q, idle])
  return { people, problem: idle ? null : problem }
}
