// How far two pictures differ. Runs in a page, which can read pictures: nothing from outside of the
// function is in its reach.

/** Two PNGs in base64; `noticed` of a colour's three parts together, of 765, is a difference. */
export async function compare([before, after, noticed]) {
  const pixels = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const context = canvas.getContext('2d')
    context.drawImage(bitmap, 0, 0)
    return { canvas, context, data: context.getImageData(0, 0, bitmap.width, bitmap.height) }
  }
  const [a, b] = await Promise.all([pixels(before), pixels(after)])
  const { width, height } = a.data
  if (width !== b.data.width || height !== b.data.height) {
    return { size: `${b.data.width} × ${b.data.height} instead of ${width} × ${height}` }
  }
  let different = 0
  for (let at = 0; at < a.data.data.length; at += 4) {
    let far = 0
    for (let part = 0; part < 3; part++) {
      far += Math.abs(a.data.data[at + part] - b.data.data[at + part])
    }
    if (far <= noticed) continue
    different++
    b.data.data.set([255, 0, 80, 255], at)
  }
  b.context.putImageData(b.data, 0, 0)
  const blob = await b.canvas.convertToBlob({ type: 'image/png' })
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return { share: different / (width * height), picture: btoa(text) }
}
