/** Bytes to the server. Only the old request tells how many are out. */
import type { Upload } from '../../api/types'
import { answered, ApiError, type Api } from '../../core/api'
import type { Carrier } from '../../core/files/uploads'

export function carrierOf(api: Api): Carrier {
  return {
    begin: api.beginUpload,
    progress: api.upload,
    giveUp: api.giveUpUpload,
    takeBack: api.removeFile,
    piece: (upload, from, bytes, sent, signal) =>
      new Promise<Upload>((resolve, reject) => {
        const request = new XMLHttpRequest()
        request.open('PATCH', `/api/v1/uploads/${upload}`)
        request.setRequestHeader('upload-offset', `${from}`)
        request.setRequestHeader('content-type', 'application/octet-stream')
        request.upload.onprogress = (e) => sent(e.loaded)
        request.onload = () => {
          try {
            resolve(answered(request.status, request.responseText) as Upload)
          } catch (error) {
            reject(error instanceof Error ? error : new Error('unreadable'))
          }
        }
        request.onerror = () => reject(new ApiError('offline', 'The server cannot be reached.'))
        request.onabort = () => reject(new DOMException('aborted', 'AbortError'))
        signal.addEventListener('abort', () => request.abort())
        request.send(bytes)
      }),
  }
}
