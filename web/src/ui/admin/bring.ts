/** A file to the server in pieces, with how much of it is there. */
import type { Attachment } from '../../api/types'
import type { Api } from '../../core/api'
import { carrierOf } from '../files/carrier'

const PIECE_BYTES = 8 << 20

export async function bring(
  api: Api,
  file: File,
  sent: (share: number) => void,
  signal: AbortSignal,
): Promise<Attachment> {
  const carrier = carrierOf(api)
  let at = await carrier.begin(file.name, file.size)
  signal.addEventListener('abort', () => {
    carrier.giveUp(at.id).catch(() => undefined)
  })
  while (!at.file) {
    const from = at.offset
    const piece = file.slice(from, from + PIECE_BYTES)
    at = await carrier.piece(at.id, from, piece, (n) => sent((from + n) / file.size), signal)
  }
  return at.file
}
