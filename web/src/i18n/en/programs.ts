import type { programs as korean } from '../ko/programs'
import type { Same } from '../same'
import { amount } from './amount'

const nouns: Record<string, string> = {
  messages: 'messages',
  rooms: 'rooms',
  users: 'people',
  files: 'files',
  search: 'search',
  events: 'events',
  hooks: 'webhooks',
}

export const programs: Same<typeof korean> = {
  tokens: 'Access tokens',
  tokensAbout:
    'Keys that programs use in your name. Say what they may do and for how long, and revoke those that are not used.',
  newToken: 'New token',
  newTokenFor: (bot) => `New token for ${bot}`,
  tokenName: 'Name',
  tokenNameHint: 'So that you know later what it is for, such as “deploy script”.',
  whose: 'Whose token',
  whoseHint: 'Programs that use it speak in this name.',
  mySelf: 'me',
  aBot: 'a bot',
  reach: 'What it may do',
  reaches: { read: 'Read', write: 'Read and write', admin: 'Administer too', parts: 'Choose' },
  reachHints: {
    read: 'It sees all that you may see, and changes nothing.',
    write: 'It may do what you may do, administration apart.',
    admin: 'It may do all that you may do, administration too. Use it only where it must be.',
    parts: 'Choose only what it needs.',
  },
  scopes: 'Scopes',
  scopeName: (scope) => {
    const [noun = '', act] = scope.split(':')
    if (act === undefined)
      return (
        ({ read: 'read all', write: 'write all', admin: 'administer' } as Record<string, string>)[
          noun
        ] ?? scope
      )
    return `${act === 'read' ? 'read' : 'write'} ${nouns[noun] ?? noun}`
  },
  lasting: 'How long it lasts',
  days: (count) => (count === 365 ? '1 year' : amount(count, 'day')),
  never: 'no end',
  tokenMade: 'The token is made',
  tokenOf: (name) => `Token of “${name}”`,
  shownOnce: 'It is shown only now. Put it in a safe place; if it is lost, make another.',
  columnMade: 'Made',
  columnUsed: 'Last used',
  notUsed: 'not yet',
  revokeToken: 'Revoke',
  revokeSure: (name) => `Revoke the token “${name}”?`,
  revokeMeans: 'Programs that use it can do nothing any more, at once.',
  tokenRevoked: 'The token is revoked.',
  noTokens: 'There is no token.',

  bots: 'Bots',
  botsAbout: 'Accounts of programs. They have no password and come in by their tokens only.',
  newBot: 'New bot',
  botUsername: 'People mention it by this name.',
  botMade: (name) => `${name} is made`,
  botNext: 'To speak in a room, the bot must be added to it.',
  giveToken: 'Make another token',
  removeBot: 'Remove bot',
  removeBotSure: (name) => `Remove ${name}?`,
  removeBotMeans: 'Its tokens end at once and it cannot come back. Its messages stay.',
  botRemoved: 'The bot is removed.',
  noBots: 'There is no bot.',

  webhooks: 'Webhooks',
  incoming: 'Incoming webhooks',
  incomingAbout:
    'What another program sends to this address becomes a message in a room. Payloads of Slack, Mattermost, GitHub, GitLab, Alertmanager and Grafana are understood.',
  newHook: 'New incoming webhook',
  hookName: 'Name',
  hookNameHint: 'Messages are posted under this name, such as “GitHub”.',
  hookReady: (name) => `“${name}” is ready`,
  hookUrl: 'Address to post to',
  hookOnce:
    'Whoever knows the address can write into the room. It is shown only now; keep it safe.',
  hookExample: 'The deployment is done',
  hookFormats:
    'For GitHub, GitLab, Alertmanager and Grafana add ?format=github and so on to the address.',
  columnRoom: 'Room',
  columnMaker: 'Made by',
  rotate: 'Change address',
  rotateSure: (name) => `Change the address of “${name}”?`,
  rotateMeans: 'The present address ends at once. Put the new one where it is sent from.',
  deleteHook: 'Delete',
  deleteSure: (name) => `Delete the webhook “${name}”?`,
  deleteHookMeans: 'Nothing is taken any more. What was posted stays.',
  hookDeleted: 'The webhook is deleted.',
  noHooks: 'There is no incoming webhook.',

  outgoing: 'Outgoing webhooks',
  outgoingAbout:
    'Sends what happens in the rooms that you may read to another server. It tries until it is taken, and stops when that fails for days.',
  newWebhook: 'New outgoing webhook',
  refresh: 'Refresh',
  urlHint: 'An https address. Inner networks of the server need an administrator’s leave.',
  columnEvents: 'Events',
  allEvents: 'All',
  someEvents: 'Chosen events',
  fromRooms: 'From which rooms',
  everyRoom: 'All that I may read',
  someRooms: 'Chosen rooms',
  signingSecret: 'Signing secret',
  signingHint:
    'Every delivery is signed with it (Standard Webhooks). It is shown only now; put it where deliveries arrive.',
  columnState: 'State',
  columnOwner: 'Whose',
  columnPosition: 'Sent up to',
  states: { well: 'well', failing: 'trying again', dead: 'stopped' },
  failed: (attempts, reason) => `${amount(attempts, 'attempt')} failed: ${reason}`,
  nextTry: (when) => `Next: ${when}`,
  replay: 'Send again',
  replayOf: (name) => `Send again to “${name}”`,
  replayMeans: 'The same event has the same id again, so that the receiver can tell.',
  replayFrom: 'From where',
  replayFroms: { stop: 'Where it stopped', time: 'This time on', position: 'After this position' },
  aNumber: 'This is a number.',
  replayed: 'Sending again.',
  deleteWebhookMeans: 'Nothing more is sent; what waits is not sent either.',
  noWebhooks: 'There is no outgoing webhook.',

  dataAbout: 'What is yours in Maru you can take with you at any time.',
  dataExport: 'Download my data',
  dataWhat:
    'Your account, settings, devices, rooms, and all that you wrote with the names of your files, in one JSON file.',
  dataDownload: 'Download',
  dataErase: 'Delete my account',
  dataEraseHow:
    'To have your account and your messages deleted, ask an administrator: the server does it by user erase.',
}
