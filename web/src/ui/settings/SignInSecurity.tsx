import { useCallback } from 'react'
import { useClient } from '../context'
import { Email } from '../security/Email'
import { Security } from '../security/Security'

export function SignInSecurity() {
  const client = useClient()
  const now = useCallback(() => client.now(), [client])
  return (
    <>
      <Security api={client.api} now={now} />
      <Email api={client.api} />
    </>
  )
}
