/** A section of the list is made, with a room or without, or called otherwise. */
import { NAME, type Section } from '../../core/sections'
import { useWords } from '../../i18n'
import { Dialog } from '../parts/Dialog'
import { Field, Form, text } from '../parts/Form'
import { useAction } from '../useAction'
import { keepSection } from './order'

interface Props {
  section: Section | undefined
  room: number | undefined
  onClose: () => void
}

export default function SectionDialog({ section, room, onClose }: Props) {
  const w = useWords()
  const action = useAction()
  const submit = (fields: FormData) => {
    const name = text(fields, 'name').trim()
    const id = section?.id ?? `own-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`
    const rooms = section?.rooms ?? (room === undefined ? [] : [room])
    keepSection({ id, name, rooms })
    onClose()
  }
  return (
    <Dialog title={section ? w.renameSection : w.newSection} size="small" onClose={onClose}>
      <Form button={section ? w.save : w.create} action={action} onSubmit={submit}>
        <Field
          name="name"
          label={w.sectionName}
          autoComplete="off"
          max={NAME}
          value={section?.name ?? ''}
        />
      </Form>
    </Dialog>
  )
}
