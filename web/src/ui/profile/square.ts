/** Large enough for a card, small enough to be sent in a moment. */
const SIDE_PX = 480

/** The middle of the picture; what cannot be drawn here is sent as it is. */
export async function square(file: File): Promise<Blob> {
  try {
    const picture = await createImageBitmap(file)
    const side = Math.min(picture.width, picture.height)
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = Math.min(side, SIDE_PX)
    const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2]
    canvas
      .getContext('2d')
      ?.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.width)
    picture.close()
    const type = file.type === 'image/png' ? 'image/png' : 'image/jpeg'
    return await new Promise<Blob>((done) => canvas.toBlob((blob) => done(blob ?? file), type, 0.9))
  } catch {
    return file
  }
}
