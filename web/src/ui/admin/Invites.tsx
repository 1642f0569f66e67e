import { peopleAdmin } from '../../core/people-admin'
import { useCallback, useEffect, useState } from 'react'
import type { Invite } from '../../api/types'
import { dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { Table } from '../parts/Table'
import { toast } from '../parts/toasts'
import { Problem } from '../Problem'
import { InviteLink } from '../rooms/Invite'
import { useAction } from '../useAction'

export function Invites() {
  const w = useWords()
  const client = useClient()
  const [open, setOpen] = useState<Invite[] | null>(null)
  const { problem, run } = useAction()
  const { api } = client
  const load = useCallback(
    () => run(async () => setOpen(await peopleAdmin(api).invites())),
    [api, run],
  )
  useEffect(load, [load])
  const when = (at: string) => dayAndClock(at, w.language, client.now())
  const revoke = (id: number) =>
    run(async () => {
      await peopleAdmin(api).revokeInvite(id)
      setOpen((all) => all?.filter((one) => one.id !== id) ?? null)
      toast({ text: w.revoked })
    })
  return (
    <>
      <section className="form" aria-label={w.newInvite}>
        <InviteLink onMade={load} />
      </section>
      <Problem text={problem} />
      <Table
        label={w.adminInvites}
        rows={open}
        columns={[
          {
            id: 'made',
            label: w.columnSince,
            by: (one) => one.id,
            cell: (one) => when(one.created_at),
            wide: true,
          },
          {
            id: 'expires',
            label: w.columnExpires,
            by: (one) => Date.parse(one.expires_at),
            cell: (one) => when(one.expires_at),
          },
          {
            id: 'role',
            label: w.columnRole,
            by: (one) => one.role,
            cell: (one) => (one.role === 'admin' ? w.roleAdmin : w.roleMember),
            wide: true,
          },
          {
            id: 'uses',
            label: w.columnUses,
            by: (one) => one.uses_left,
            cell: (one) => one.uses_left.toLocaleString(w.language),
          },
        ]}
        idOf={(one) => one.id}
        names={(one) => [when(one.expires_at), when(one.created_at)]}
        actsOn={(one) => [
          { label: w.revoke, icon: 'trash', danger: true, onPick: () => revoke(one.id) },
        ]}
        empty={w.noInvites}
      />
    </>
  )
}
