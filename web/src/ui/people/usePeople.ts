/** Finding somebody in the whole house: the server looks, for nobody holds everybody. */
import { useEffect, useState } from 'react'
import type { User } from '../../api/types'
import { sentence } from '../../i18n'
import { useClient } from '../context'

/** The people whom a half-typed name may mean; with `all`, the first of all while it is empty. */
export function usePeople(typed: string, limit: number, all = false) {
  const { api } = useClient()
  const [people, setPeople] = useState<User[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  const q = typed.normalize('NFC').trim()
  const idle = q === '' && !all
  useEffect(() => {
    if (idle) return
    const abort = new AbortController()
    const { signal } = abort
    api.findPeople(q, limit, signal).then(
      (found) => {
        setPeople(found)
        setProblem(null)
      },
      (error: unknown) => {
        if (!signal.aborted) setProblem(sentence(error))
      },
    )
    return () => abort.abort()
  }, [api, q, limit, idle])
  return { people: idle ? none : people, problem: idle ? null : problem }
}

const none: User[] = []
