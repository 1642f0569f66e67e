/** All shortcuts on one sheet, as this keyboard writes them. */
import { useWords } from '../../i18n'
import { isMac } from '../mac'
import { Dialog } from '../parts/Dialog'
import { keysOf, messageKeys, shortcuts, type Act, type MessageAct } from './shortcuts'
import './keys.css'

export default function Keys({ onClose }: { onClose: () => void }) {
  const w = useWords()
  const acts: Act[] = [...new Set(shortcuts.map(({ act }) => act))]
  const writing: [string[], string][] = [
    [['Enter'], w.keysSend],
    [['Shift', 'Enter'], w.keysNewLine],
    [['↑'], w.keysEditLast],
    [['@'], w.keysMention],
    [[':'], w.keysEmoji],
    [['Esc'], w.keysEscape],
  ]
  const reading: [string[], string][] = [
    [['↑', '↓'], w.keysMessages],
    [['Tab'], w.keysTools],
    [['Home', 'End'], w.keysEnds],
    [['Esc'], w.keysToField],
  ]
  const onMessage: Record<MessageAct, string> = {
    react: w.react,
    reply: w.reply,
    edit: w.edit,
    save: w.saveIt,
    pin: w.pin,
    unread: w.markUnreadFrom,
    forward: w.forward,
    copyText: w.copyText,
    copyLink: w.copyLink,
    remove: w.remove,
    more: w.moreActions,
  }
  return (
    <Dialog title={w.shortcuts} size="large" onClose={onClose}>
      {/* Where it is longer than the screen, keys scroll it. */}
      <div className="keys" role="group" aria-label={w.shortcuts} tabIndex={0}>
        <Group title={w.keysAround}>
          {acts.map((act) => (
            <Row
              key={act}
              ways={shortcuts.filter((one) => one.act === act).map((one) => keysOf(one, isMac))}
              does={w.acts[act] ?? act}
            />
          ))}
        </Group>
        <Group title={w.keysInList}>
          <Row ways={[['↑', '↓']]} does={w.keysRooms} />
          <Row ways={[['M']]} does={w.moreActions} />
        </Group>
        <Group title={w.keysWriting}>
          {writing.map(([keys, does]) => (
            <Row key={does} ways={[keys]} does={does} />
          ))}
        </Group>
        <Group title={w.keysReading}>
          {reading.map(([keys, does]) => (
            <Row key={does} ways={[keys]} does={does} />
          ))}
        </Group>
        <Group title={w.keysOnMessage}>
          {messageKeys.map(({ act, shown }) => (
            <Row key={act} ways={[[shown]]} does={onMessage[act]} />
          ))}
        </Group>
      </div>
    </Dialog>
  )
}

function Group({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>{children}</dl>
    </section>
  )
}

function Row({ ways, does }: { ways: string[][]; does: string }) {
  return (
    <div className="keys-row">
      <dt>{does}</dt>
      <dd>
        {ways.map((keys) => (
          <span key={keys.join(' ')} className="keys-way">
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </span>
        ))}
      </dd>
    </div>
  )
}
