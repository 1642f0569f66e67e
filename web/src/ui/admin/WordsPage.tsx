/** Words that search is taught: of the dictionary, synonyms, stop words; with a place to try them. */
import { useCallback, useEffect, useState } from 'react'
import type { KeptWord, OwnWords, PartOfSpeech } from '../../api/types'
import { useWords } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useClient } from '../context'
import { Icon } from '../Icon'
import { Confirm, Dialog } from '../parts/Dialog'
import { Acts, Checks, chosen, SelectField } from '../parts/Fields'
import { Field, Form, text } from '../parts/Form'
import { Table } from '../parts/Table'
import { toast } from '../parts/toasts'
import { Problem } from '../Problem'
import { useAction } from '../useAction'
import { administration } from './calls'
import { WordTest } from './WordTest'

const POS: readonly PartOfSpeech[] = ['noun', 'name', 'verb', 'adjective', 'adverb']
/** While the index is built anew, its progress is asked for. */
const AGAIN_MS = 2_000

export default function WordsPage() {
  const w = useWords()
  const a = useAdminWords()
  const { api } = useClient()
  const [all, setAll] = useState<OwnWords | null>(null)
  const [teaching, setTeaching] = useState(false)
  const [forgetting, setForgetting] = useState<KeptWord | null>(null)
  const { problem, run } = useAction()
  const load = useCallback(
    () => run(async () => setAll(await administration(api).words())),
    [api, run],
  )
  useEffect(load, [load])
  const building = all?.index.building === true
  useEffect(() => {
    if (!building) return
    const timer = window.setInterval(load, AGAIN_MS)
    return () => window.clearInterval(timer)
  }, [building, load])
  const forget = (word: KeptWord) =>
    run(async () => {
      await administration(api).forget(word)
      toast({ text: a.forgotten })
      setAll(await administration(api).words())
    })
  const list = (words: readonly string[] | undefined) => words?.join(', ') ?? ''
  const kind = (word: KeptWord) =>
    [word.pos == null ? '' : (a.pos[word.pos] ?? word.pos), word.stop ? a.stopWord : '']
      .filter((part) => part !== '')
      .join(', ')
  return (
    <>
      <Acts about={a.wordsAbout}>
        <button type="button" className="primary" onClick={() => setTeaching(true)}>
          <Icon name="plus" /> {a.teach}
        </button>
      </Acts>
      <Problem text={problem} />
      <p className="hint" role="status">
        {all === null
          ? w.loading
          : building
            ? a.building(all.index.built.toLocaleString(w.language))
            : a.built(all.index.built.toLocaleString(w.language))}
      </p>
      <WordTest />
      <Table
        label={a.words}
        rows={all?.words ?? null}
        idOf={(word) => word.id}
        names={(word) => [word.word, ...(word.synonyms ?? []), ...(word.parts ?? [])]}
        columns={[
          {
            id: 'word',
            label: a.columnWord,
            by: (word) => word.word,
            cell: (word) => (
              <>
                {word.word}
                {word.from_file && <span className="tag">{a.fromFile}</span>}
              </>
            ),
          },
          { id: 'kind', label: w.columnKind, by: kind, cell: kind },
          {
            id: 'parts',
            label: a.columnParts,
            by: (word) => list(word.parts),
            cell: (word) => list(word.parts),
            wide: true,
          },
          {
            id: 'synonyms',
            label: a.columnSynonyms,
            by: (word) => list(word.synonyms),
            cell: (word) => list(word.synonyms),
          },
        ]}
        actsOn={(word) =>
          word.from_file
            ? []
            : [
                {
                  label: a.forget,
                  icon: 'trash',
                  danger: true,
                  onPick: () => setForgetting(word),
                },
              ]
        }
        menuLabel={(word) => w.personMenu(word.word)}
        empty={a.noWords}
      />
      {teaching && <Teach onTaught={load} onClose={() => setTeaching(false)} />}
      {forgetting && (
        <Confirm
          title={a.forgetSure(forgetting.word)}
          hint={a.forgetMeans}
          confirm={a.forget}
          onConfirm={() => forget(forgetting)}
          onClose={() => setForgetting(null)}
        />
      )}
    </>
  )
}

function Teach({ onTaught, onClose }: { onTaught: () => void; onClose: () => void }) {
  const a = useAdminWords()
  const { api } = useClient()
  const action = useAction()
  const several = (value: string) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  const teach = (fields: FormData) =>
    action.run(async () => {
      const pos = text(fields, 'pos')
      await administration(api).teach({
        word: text(fields, 'word'),
        ...(pos === '' ? {} : { pos: pos as PartOfSpeech }),
        parts: several(text(fields, 'parts')),
        synonyms: several(text(fields, 'synonyms')),
        stop: chosen(fields, 'stop').length > 0,
      })
      toast({ text: a.taught })
      onTaught()
      onClose()
    })
  return (
    <Dialog title={a.teach} onClose={onClose}>
      <Form button={a.teach} action={action} onSubmit={teach}>
        <Field name="word" label={a.columnWord} autoComplete="off" hint={a.wordHint} />
        <SelectField
          name="pos"
          label={a.partOfSpeech}
          options={[
            { value: '', label: a.asDictionary },
            ...POS.map((value) => ({ value, label: a.pos[value] ?? value })),
          ]}
        />
        <Field
          name="synonyms"
          label={a.columnSynonyms}
          hint={a.synonymsHint}
          autoComplete="off"
          optional
        />
        <Field name="parts" label={a.columnParts} hint={a.partsHint} autoComplete="off" optional />
        <Checks name="stop" label={a.stopWord} options={[{ value: 'yes', label: a.stopHint }]} />
      </Form>
    </Dialog>
  )
}
