import { peopleAdmin } from '../../core/people-admin'
import { factorsOf } from '../../core/factors'
import { useEffect, useState } from 'react'
import type { User } from '../../api/types'
import { passwordProblem } from '../../core/account'
import { day } from '../../core/time'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Confirm, Dialog } from '../parts/Dialog'
import { Field, Form, password } from '../parts/Form'
import type { MenuItem } from '../parts/Menu'
import { Table, type Column } from '../parts/Table'
import { toast } from '../parts/toasts'
import { Problem } from '../Problem'
import { useDirect } from '../rooms/useDirect'
import { Tile } from '../Tile'
import { useAction } from '../useAction'

/** As many as the server gives at once. */
const AT_ONCE = 1_000

export function PeopleTable() {
  const w = useWords()
  const client = useClient()
  const direct = useDirect()
  const me = useChat((state) => state.me?.id)
  const [people, setPeople] = useState<User[] | null>(null)
  const [disabling, setDisabling] = useState<User | null>(null)
  const [resetting, setResetting] = useState<User | null>(null)
  const [unlocking, setUnlocking] = useState<User | null>(null)
  const { problem, run } = useAction()
  const { api } = client
  useEffect(() => {
    run(async () => {
      const all: User[] = []
      for (;;) {
        const page = await api.everybody(all.at(-1)?.id ?? 0, AT_ONCE)
        all.push(...page)
        setPeople([...all])
        if (page.length < AT_ONCE) return
      }
    })
  }, [api, run])

  const change = (user: User, to: { role?: 'admin' | 'member'; disabled?: boolean }) =>
    run(async () => {
      const changed = await peopleAdmin(api).changeUser(user.id, to)
      setPeople((all) => all?.map((one) => (one.id === user.id ? changed : one)) ?? null)
    })
  const columns: Column<User>[] = [
    {
      id: 'name',
      label: w.columnName,
      by: (user) => user.display_name,
      cell: (user) => (
        <span className="cell-person">
          <Tile id={user.id} name={user.display_name} />
          {user.display_name}
          {user.disabled && <span className="tag">{w.disabledTag}</span>}
        </span>
      ),
    },
    {
      id: 'username',
      label: w.columnUsername,
      by: (user) => user.username,
      cell: (user) => `@${user.username}`,
    },
    {
      id: 'role',
      label: w.columnRole,
      by: (user) => user.role,
      cell: (user) => (user.role === 'admin' ? w.roleAdmin : w.roleMember),
      wide: true,
    },
    {
      id: 'since',
      label: w.columnSince,
      by: (user) => user.id,
      cell: (user) => day(user.created_at, w.language, client.now()),
      wide: true,
    },
  ]
  const actsOn = (user: User): MenuItem[] =>
    user.id === me
      ? []
      : [
          { label: w.talkTo, icon: 'chat', onPick: () => direct.start([user.id]) },
          {
            label: user.role === 'admin' ? w.makeMember : w.makeAdmin,
            icon: 'shield',
            onPick: () => change(user, { role: user.role === 'admin' ? 'member' : 'admin' }),
          },
          { label: w.resetPassword, icon: 'key', onPick: () => setResetting(user) },
          { label: w.resetFactors, icon: 'device', onPick: () => setUnlocking(user) },
          user.disabled
            ? {
                label: w.enableUser,
                icon: 'check',
                apart: true,
                onPick: () => change(user, { disabled: false }),
              }
            : {
                label: w.disableUser,
                icon: 'lock',
                apart: true,
                danger: true,
                onPick: () => setDisabling(user),
              },
        ]
  return (
    <>
      <Problem text={problem} />
      <Table
        label={w.adminPeople}
        rows={people}
        columns={columns}
        idOf={(user) => user.id}
        names={(user) => [user.display_name, user.username]}
        actsOn={actsOn}
        menuLabel={(user) => w.personMenu(user.display_name)}
        empty={w.nothingFound}
      />
      {disabling && (
        <Confirm
          title={w.disableSure(disabling.display_name)}
          hint={w.disableMeans}
          confirm={w.disableUser}
          onConfirm={() => change(disabling, { disabled: true })}
          onClose={() => setDisabling(null)}
        />
      )}
      {unlocking && (
        <Confirm
          title={w.resetFactorsSure(unlocking.display_name)}
          hint={w.resetFactorsMeans}
          confirm={w.resetFactors}
          onConfirm={() =>
            run(async () => {
              await factorsOf(api).resetFactors(unlocking.id)
              toast({ text: w.factorsReset })
            })
          }
          onClose={() => setUnlocking(null)}
        />
      )}
      {resetting && <Reset user={resetting} onClose={() => setResetting(null)} />}
    </>
  )
}

function Reset({ user, onClose }: { user: User; onClose: () => void }) {
  const w = useWords()
  const { api } = useClient()
  const action = useAction()
  const save = (fields: FormData) =>
    action.run(async () => {
      await peopleAdmin(api).resetPassword(user.id, password(fields))
      toast({ text: w.passwordReset })
      onClose()
    })
  return (
    <Dialog title={w.resetFor(user.display_name)} size="small" onClose={onClose}>
      <Form button={w.resetPassword} action={action} onSubmit={save} hint={w.resetMeans}>
        <Field
          name="password"
          label={w.nextPassword}
          type="password"
          autoComplete="new-password"
          check={(value) => {
            const wrong = passwordProblem(value, user.username)
            return wrong && w.passwordWrong[wrong]
          }}
        />
      </Form>
    </Dialog>
  )
}
