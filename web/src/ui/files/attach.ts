/** Takes files in: what they are called, how large pictures are, and what is too much. */
import type { Client } from '../../core/client'
import type { Chosen } from '../../core/files/uploads'
import { bytes } from '../../core/files/shape'
import { w } from '../../i18n'
import { toast } from '../parts/toasts'

/** Larger ones are not decoded only to know their size. */
const MEASURED_BYTES = 60 * 1024 * 1024
const pictures = /^image\/(?:png|jpeg|gif|webp)$/

export async function attach(client: Client, place: string, files: readonly File[]): Promise<void> {
  const { limits } = client.store.state
  const most = limits?.files_per_message ?? 10
  const room = Math.max(0, most - client.uploads.of(place).length)
  if (files.length > room) toast({ text: w.tooManyFiles(most) })
  const fitting = files.slice(0, room).filter((file) => {
    if (limits?.file_bytes === undefined || file.size <= limits.file_bytes) return true
    toast({ text: w.fileTooLarge(file.name, bytes(limits.file_bytes)) })
    return false
  })
  client.uploads.add(place, await Promise.all(fitting.map(chosen)))
}

async function chosen(file: File): Promise<Chosen> {
  return { name: file.name, blob: file, ...(await measured(file)) }
}

/** As it stands upright: the browser turns it as the camera said. */
async function measured(file: File): Promise<Pick<Chosen, 'width' | 'height'>> {
  if (!pictures.test(file.type) || file.size > MEASURED_BYTES) return {}
  const url = URL.createObjectURL(file)
  try {
    const picture = new Image()
    picture.src = url
    await picture.decode()
    return { width: picture.naturalWidth, height: picture.naturalHeight }
  } catch {
    // It only says that it is a picture.
    return {}
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** What is pasted has no name of its own. */
export function named(files: readonly File[], now: Date): File[] {
  return files.map((file) => {
    if (!/^image\.(?:png|jpe?g)$/.test(file.name)) return file
    const two = (n: number) => `${n}`.padStart(2, '0')
    const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
    const time = `${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`
    const name = `${w.pastedPicture} ${day} ${time}${file.name.slice(5)}`
    return new File([file], name, { type: file.type })
  })
}
