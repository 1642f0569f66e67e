/** How a text is cut, and what a search for it would look for. */
import { useState } from 'react'
import type { WordTested } from '../../api/types'
import { useAdminWords } from '../../i18n/admin'
import { useClient } from '../context'
import { Field, Form, text } from '../parts/Form'
import { useAction } from '../useAction'
import { administration } from './calls'

export function WordTest() {
  const a = useAdminWords()
  const { api } = useClient()
  const action = useAction()
  const [told, setTold] = useState<WordTested | null>(null)
  const test = (fields: FormData) =>
    action.run(async () => setTold(await administration(api).testWords(text(fields, 'text'))))
  return (
    <section className="word-test" aria-label={a.tryWords}>
      <Form button={a.tryButton} action={action} onSubmit={test}>
        <Field name="text" label={a.tryWords} hint={a.tryHint} autoComplete="off" />
      </Form>
      {told && (
        <dl className="facts" role="status">
          <dt>{a.cutInto}</dt>
          <dd className="tags">
            {told.tokens.map((token) => (
              <span
                key={`${token.start}-${token.text}`}
                className="tag"
                data-own={token.own || undefined}
              >
                {token.text} <small>{a.tagName(token.tag)}</small>
              </span>
            ))}
          </dd>
          <dt>{a.foundUnder}</dt>
          <dd>{told.found_under.join(', ') || a.nothing}</dd>
          <dt>{a.looksFor}</dt>
          <dd className="cell-long">{told.query.looks_for || a.nothing}</dd>
          {told.query.ignored.length > 0 && (
            <>
              <dt>{a.ignored}</dt>
              <dd>{told.query.ignored.join(', ')}</dd>
            </>
          )}
        </dl>
      )}
    </section>
  )
}
