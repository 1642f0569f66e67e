/** What is written goes out by itself when its time has come; the server keeps it until then. */
import type { Job } from '../../core/files/uploads'
import { dayAndClock } from '../../core/time'
import { sentence, useWords } from '../../i18n'
import type { Take } from '../Composer'
import { useClient } from '../context'
import { toast } from '../parts/toasts'
import { WhenDialog } from '../places/When'
import { go } from '../route'

interface Props {
  room: number
  root: number | undefined
  /** Files, all there. */
  jobs: readonly Job[]
  take: Take
  onClose: () => void
}

export default function SendLater({ room, root, jobs, take, onClose }: Props) {
  const w = useWords()
  const client = useClient()
  const schedule = (send_at: string) =>
    take(({ text, mentions }) => {
      const file_ids = jobs.flatMap(({ file }) => file?.id ?? [])
      client.api.schedule(room, { text, send_at, mentions, reply_to: root, file_ids }).then(
        () => {
          client.uploads.forget(jobs.map(({ key }) => key))
          toast({
            text: w.scheduledFor(dayAndClock(send_at, w.language, client.now())),
            act: { label: w.unsentPlace, run: () => go('/later') },
          })
        },
        (error: unknown) => toast({ text: `${sentence(error)} ${text}`, stays: true }),
      )
      return true
    })
  return <WhenDialog onPick={schedule} onClose={onClose} />
}
