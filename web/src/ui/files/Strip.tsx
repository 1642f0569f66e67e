/** The files of a message that is being written: how far each is, and what can be done about it. */
import { bytes, ending } from '../../core/files/shape'
import type { Job } from '../../core/files/uploads'
import { sentenceFor, useWords } from '../../i18n'
import { useClient } from '../context'
import { Icon } from '../Icon'
import { useContent } from './useUploads'
import './strip.css'

export default function Strip({ jobs }: { jobs: readonly Job[] }) {
  const w = useWords()
  return (
    <ul className="strip" aria-label={w.attached}>
      {jobs.map((job) => (
        <One key={job.key} job={job} />
      ))}
    </ul>
  )
}

function One({ job }: { job: Job }) {
  const w = useWords()
  const { uploads } = useClient()
  const { key, name, size, sent, state, error, width } = job
  const url = useContent(width === undefined ? undefined : key)
  const percent = size === 0 ? 100 : Math.floor((sent / size) * 100)
  const going = state === 'sending' || state === 'waiting'
  return (
    <li className="strip-file" data-state={state}>
      <span className="strip-look" aria-hidden="true">
        {url === undefined ? (
          <>
            <Icon name="file" />
            <small>{ending(name)}</small>
          </>
        ) : (
          <img src={url} alt="" />
        )}
      </span>
      <span className="strip-text">
        <strong title={name}>{name}</strong>
        <small role={error === undefined ? undefined : 'alert'}>
          {error !== undefined
            ? sentenceFor(error)
            : state === 'done'
              ? bytes(size)
              : state === 'paused'
                ? w.uploadPaused(percent)
                : `${percent}% · ${bytes(size)}`}
        </small>
        {state !== 'done' && error === undefined && (
          <progress max={100} value={percent} aria-label={w.uploading(name)} />
        )}
      </span>
      {going && (
        <button
          type="button"
          className="quiet"
          aria-label={w.pauseUpload(name)}
          data-tip={w.pause}
          onClick={() => uploads.pause(key)}
        >
          <Icon name="pause" />
        </button>
      )}
      {(state === 'paused' || state === 'failed') && (
        <button
          type="button"
          className="quiet"
          aria-label={w.resumeUpload(name)}
          data-tip={state === 'paused' ? w.goOn : w.tryAgain}
          onClick={() => uploads.resume(key)}
        >
          <Icon name={state === 'paused' ? 'play' : 'retry'} />
        </button>
      )}
      <button
        type="button"
        className="quiet"
        aria-label={w.removeFile(name)}
        data-tip={w.clear}
        onClick={() => uploads.cancel(key)}
      >
        <Icon name="close" />
      </button>
    </li>
  )
}
