// A provider of OpenID Connect as many run it: what is in the token is the subject alone, the rest is
// told when it is asked. Says its issuer on the first line; ends with its standard input.
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [redirectUri] = process.argv.slice(2)
const people = {
  kim: {
    preferred_username: 'kim',
    name: '김 서방',
    email: 'kim@example.org',
    email_verified: true,
    groups: ['staff', 'bosses'],
  },
  lee: {
    preferred_username: 'lee',
    name: '이 대리',
    email: 'lee@elsewhere.example',
    email_verified: true,
    groups: ['staff'],
  },
}

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'maru',
        client_secret: 's3cret',
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [new URL('/', redirectUri).href],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: {
      openid: ['sub'],
      profile: ['preferred_username', 'name', 'groups'],
      email: ['email', 'email_verified'],
    },
    pkce: { required: () => true },
    cookies: { keys: ['of this test'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...people[id] }),
    }),
  })
  server.on('request', provider.callback())
  console.log(issuer)
})
process.stdin.on('end', () => process.exit(0)).resume()
