/** A text or code, read as it is; the server never shows it as anything else. */
import { useEffect, useMemo, useState } from 'react'
import type { Attachment } from '../../api/types'
import { fileUrl, languageOf } from '../../core/files/shape'
import { sentence, useWords } from '../../i18n'
import { ApiError } from '../../core/api'
import type { Token } from '../text/CodeBlock'
import '../text/text.css'

/** More is shown without colours. */
const COLOURED = 50_000

export function TextFile({ file }: { file: Attachment }) {
  const w = useWords()
  const [text, setText] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [tokens, setTokens] = useState<readonly Token[]>([])
  const { id, name } = file
  useEffect(() => {
    const abort = new AbortController()
    const load = async () => {
      const answer = await fetch(fileUrl(id), { signal: abort.signal })
      if (!answer.ok) throw new ApiError('not_found', '', answer.status)
      const found = await answer.text()
      setText(found)
      if (found.length > COLOURED) return
      const { highlight } = await import('../text/highlight')
      if (!abort.signal.aborted) setTokens(highlight(languageOf(name), found))
    }
    load().catch((error: unknown) => {
      if (abort.signal.aborted) return
      setProblem(sentence(error instanceof ApiError ? error : new ApiError('offline', '')))
    })
    return () => abort.abort()
  }, [id, name])
  const pieces = useMemo(() => coloured(text ?? '', tokens), [text, tokens])
  if (problem !== null) {
    return (
      <p className="problem" role="alert">
        {problem}
      </p>
    )
  }
  if (text === null) return <p role="status">{w.loading}</p>
  return (
    <pre className="viewer-text" dir="auto" tabIndex={0} aria-label={name}>
      <code>{pieces}</code>
    </pre>
  )
}

function coloured(text: string, tokens: readonly Token[]) {
  const out = []
  let at = 0
  for (const { start, end, kind } of tokens) {
    if (start > at) out.push(text.slice(at, start))
    out.push(
      <span key={start} className={`hl-${kind}`}>
        {text.slice(start, end)}
      </span>,
    )
    at = end
  }
  out.push(text.slice(at))
  return out
}
