/** What one does with a message beside answering it: the same from its menu and by a key. */
import type { Message } from '../../api/types'
import type { Client } from '../../core/client'
import { sentence, type Words } from '../../i18n'
import { copy } from '../copy'
import { toast } from '../parts/toasts'
import { show } from '../shell/overlays'

export interface Acts {
  save: () => void
  forward: () => void
  /** For members. */
  pin?: () => void
  /** Where the message stands in the room. */
  unread?: () => void
  /** Where there is one. */
  copyText?: () => void
}

export function actsOf(client: Client, w: Words, message: Message, member: boolean): Acts {
  const { id, text, pinned, reply_to } = message
  const act = (done: Promise<unknown>, said?: string) => {
    done.then(
      () => {
        if (said !== undefined) toast({ text: said })
      },
      (error: unknown) => toast({ text: sentence(error) }),
    )
  }
  const save = async () => {
    await client.saved.ask()
    const was = client.saved.has(id)
    await client.saved.set(id, !was)
    toast({
      text: was ? w.unsaved : w.savedIt,
      act: { label: w.undo, undoes: true, run: () => void client.saved.set(id, was) },
    })
  }
  return {
    save: () => act(save()),
    forward: () => show({ kind: 'forward', message }),
    ...(member ? { pin: () => act(client.api.pin(id, !pinned)) } : {}),
    ...(member && (reply_to == null || message.also_in_room)
      ? { unread: () => act(client.markUnread(message), w.markedUnread) }
      : {}),
    ...(text === '' ? {} : { copyText: () => act(copy(text), w.copied) }),
  }
}
