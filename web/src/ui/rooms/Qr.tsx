/** A link to be photographed: who sits beside one need not type it. */
import { encode } from 'uqr'
import { useWords } from '../../i18n'

export default function Qr({ text, label }: { text: string; label?: string }) {
  const w = useWords()
  const { data, size } = encode(text, { border: 2 })
  const dots = data.flatMap((row, y) => row.flatMap((on, x) => (on ? `M${x} ${y}h1v1h-1z` : [])))
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label ?? w.inviteQr}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={dots.join('')} fill="#000" />
    </svg>
  )
}
