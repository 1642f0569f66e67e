import { useCallback, useState } from 'react'
import { sentence } from '../i18n'

/** Runs something that may fail: busy meanwhile, the failure as a sentence afterwards. */
export function useAction(): {
  busy: boolean
  problem: string | null
  run: (action: () => Promise<unknown>) => void
} {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const run = useCallback((action: () => Promise<unknown>) => {
    setBusy(true)
    setProblem(null)
    action()
      .catch((error: unknown) => setProblem(sentence(error)))
      .finally(() => setBusy(false))
  }, [])
  return { busy, problem, run }
}
