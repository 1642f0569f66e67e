/** What of the account can be taken away, and how all of it ends. */
import { useProgramWords } from '../../i18n/programs'
import { Icon } from '../Icon'

export default function Data() {
  const p = useProgramWords()
  return (
    <>
      <p className="hint">{p.dataAbout}</p>
      <section className="this-browser" aria-label={p.dataExport}>
        <div>
          <strong>{p.dataExport}</strong>
          <p>{p.dataWhat}</p>
        </div>
        <a className="button" href="/api/v1/me/export" download="maru-export.json">
          <Icon name="download" /> {p.dataDownload}
        </a>
      </section>
      <section className="this-browser" aria-label={p.dataErase}>
        <div>
          <strong>{p.dataErase}</strong>
          <p>{p.dataEraseHow}</p>
        </div>
      </section>
    </>
  )
}
