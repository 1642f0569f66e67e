/** Hours of the week: a table whose cells are the darker, the more was said. */
import { heat } from '../../core/dashboard'
import { useAdminWords } from '../../i18n/admin'

const HOURS = Array.from({ length: 24 }, (_, hour) => hour)

interface Props {
  hours: readonly (readonly number[])[]
  number: (value: number) => string
}

export function HeatMap({ hours, number }: Props) {
  const a = useAdminWords()
  const most = Math.max(0, ...hours.flat())
  return (
    <div className="heat-scroll" tabIndex={0} role="region" aria-label={a.hours}>
      <table className="heat">
        <caption className="unseen">{a.hoursAbout}</caption>
        <thead>
          <tr>
            <td />
            {HOURS.map((hour) => (
              <th key={hour} scope="col">
                <span aria-hidden="true">{hour % 3 === 0 ? hour : ''}</span>
                <span className="unseen">{a.hour(hour)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hours.map((row, weekday) => (
            <tr key={weekday}>
              <th scope="row">{a.weekdays[weekday]}</th>
              {row.map((value, hour) => (
                <td
                  key={hour}
                  data-heat={heat(value, most)}
                  title={`${a.weekdays[weekday] ?? ''} ${a.hour(hour)}: ${number(value)}`}
                >
                  <span className="unseen">{number(value)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
