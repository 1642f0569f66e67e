import type { Fit } from '../core/text'
import { w } from '../i18n'

/** How much may still be written, once that is little; how much is too much, after that. */
export function Counter({ id, fit }: { id: string; fit: Fit }) {
  return (
    <>
      <p id={id} className={fit.fits ? 'remaining' : 'remaining over'}>
        {said(fit)}
      </p>
      {/* Read out once when it becomes too much, not with every key. */}
      <p className="unseen" role="status">
        {!fit.fits && w.overLimit}
      </p>
    </>
  )
}

function said(fit: Fit): string {
  if (fit.fits) return fit.left === null ? '' : w.charsLeft(fit.left)
  return fit.over === null ? w.tooHeavy : w.charsLeft(-fit.over)
}
