/** Tokens, bots, webhooks, one's own data. */
const nouns: Record<string, string> = {
  messages: '글',
  rooms: '방',
  users: '사람',
  files: '파일',
  search: '검색',
  events: '사건',
  hooks: '웹훅',
}

export const programs = {
  tokens: '접근 토큰',
  tokensAbout:
    '프로그램이 내 이름으로 쓰는 열쇠예요. 할 수 있는 일과 끝나는 때를 정해 주고, 안 쓰면 거두세요.',
  newToken: '새 토큰',
  newTokenFor: (bot: string) => `${bot}의 새 토큰`,
  tokenName: '이름',
  tokenNameHint: '어디에 쓰는지 나중에 알아볼 수 있게요. 예: 배포 스크립트',
  whose: '누구의 토큰인가요',
  whoseHint: '이 토큰을 쓰는 프로그램은 그 이름으로 말해요.',
  mySelf: '나',
  aBot: '봇',
  reach: '할 수 있는 일',
  reaches: { read: '읽기', write: '읽고 쓰기', admin: '관리까지', parts: '고르기' },
  reachHints: {
    read: '내가 볼 수 있는 것을 모두 볼 수 있어요. 아무것도 바꾸지 못해요.',
    write: '내가 할 수 있는 일을 해요. 관리는 못 해요.',
    admin: '관리를 포함해 내가 할 수 있는 일을 모두 해요. 꼭 필요할 때만 쓰세요.',
    parts: '필요한 것만 골라 주세요.',
  },
  scopes: '범위',
  scopeName: (scope: string) => {
    const [noun = '', act] = scope.split(':')
    if (act === undefined)
      return (
        ({ read: '모두 읽기', write: '모두 쓰기', admin: '관리' } as Record<string, string>)[
          noun
        ] ?? scope
      )
    return `${nouns[noun] ?? noun} ${act === 'read' ? '읽기' : '쓰기'}`
  },
  lasting: '쓸 수 있는 동안',
  days: (count: number) => (count === 365 ? '1년' : `${count}일`),
  never: '끝없이',
  tokenMade: '토큰을 만들었어요',
  tokenOf: (name: string) => `‘${name}’의 토큰`,
  shownOnce: '지금만 보여 드려요. 안전한 곳에 옮겨 두세요. 잃어버리면 새로 만들면 돼요.',
  columnMade: '만든 때',
  columnUsed: '마지막으로 씀',
  notUsed: '아직 없음',
  revokeToken: '거두기',
  revokeSure: (name: string) => `‘${name}’ 토큰을 거둘까요?`,
  revokeMeans: '이 토큰을 쓰던 프로그램은 곧바로 아무것도 못 하게 돼요.',
  tokenRevoked: '토큰을 거두었어요.',
  noTokens: '토큰이 없어요.',

  bots: '봇',
  botsAbout: '프로그램의 계정이에요. 비밀번호 없이 토큰으로만 들어와요.',
  newBot: '새 봇',
  botUsername: '사람들이 @로 부르는 이름이에요.',
  botMade: (name: string) => `‘${name}’ 봇을 만들었어요`,
  botNext: '봇이 방에서 말하려면 그 방에 봇을 더해 주세요.',
  giveToken: '새 토큰 주기',
  removeBot: '봇 없애기',
  removeBotSure: (name: string) => `‘${name}’ 봇을 없앨까요?`,
  removeBotMeans: '봇의 토큰이 곧바로 끝나고 다시 들어올 수 없어요. 봇이 쓴 글은 남아요.',
  botRemoved: '봇을 없앴어요.',
  noBots: '봇이 없어요.',

  webhooks: '웹훅',
  incoming: '받는 웹훅',
  incomingAbout:
    '다른 프로그램이 이 주소로 보내면 방에 글이 올라와요. Slack, Mattermost, GitHub, GitLab, Alertmanager, Grafana가 보내는 것을 알아들어요.',
  newHook: '새 받는 웹훅',
  hookName: '이름',
  hookNameHint: '이 이름으로 글이 올라와요. 예: GitHub',
  hookReady: (name: string) => `‘${name}’ 준비됐어요`,
  hookUrl: '보낼 주소',
  hookOnce: '주소를 아는 누구나 방에 쓸 수 있어요. 지금만 보여 드리니 안전하게 옮겨 주세요.',
  hookExample: '배포가 끝났습니다',
  hookFormats:
    'GitHub, GitLab, Alertmanager, Grafana에서 보낼 때는 주소 끝에 ?format=github처럼 붙여 주세요.',
  columnRoom: '방',
  columnMaker: '만든 사람',
  rotate: '주소 바꾸기',
  rotateSure: (name: string) => `‘${name}’의 주소를 바꿀까요?`,
  rotateMeans: '지금 주소는 곧바로 끝나요. 보내는 쪽에 새 주소를 넣어 주세요.',
  deleteHook: '지우기',
  deleteSure: (name: string) => `‘${name}’ 웹훅을 지울까요?`,
  deleteHookMeans: '곧바로 받지 않아요. 이미 올라온 글은 남아요.',
  hookDeleted: '웹훅을 지웠어요.',
  noHooks: '받는 웹훅이 없어요.',

  outgoing: '보내는 웹훅',
  outgoingAbout:
    '내가 볼 수 있는 방에서 일어난 일을 다른 서버에 보내요. 닿을 때까지 다시 보내고, 며칠 동안 안 되면 멈춰요.',
  newWebhook: '새 보내는 웹훅',
  refresh: '새로 고침',
  urlHint: 'https 주소예요. 서버 안쪽 네트워크는 관리자가 허락한 곳만 돼요.',
  columnEvents: '사건',
  allEvents: '모두',
  someEvents: '고른 사건만',
  fromRooms: '어느 방에서',
  everyRoom: '볼 수 있는 모든 방',
  someRooms: '고른 방만',
  signingSecret: '서명 열쇠',
  signingHint:
    '보낼 때마다 이 열쇠로 서명해요(Standard Webhooks). 지금만 보여 드리니 받는 쪽에 넣어 주세요.',
  columnState: '상태',
  columnOwner: '누구의 것',
  columnPosition: '여기까지 보냄',
  states: { well: '잘 됨', failing: '다시 보내는 중', dead: '멈춤' },
  failed: (attempts: number, reason: string) => `${attempts}번 실패: ${reason}`,
  nextTry: (when: string) => `다음: ${when}`,
  replay: '다시 보내기',
  replayOf: (name: string) => `‘${name}’ 다시 보내기`,
  replayMeans: '같은 사건은 같은 번호로 가니, 받는 쪽이 두 번 세지 않을 수 있어요.',
  replayFrom: '어디부터',
  replayFroms: { stop: '멈춘 데부터', time: '이때부터', position: '이 번호 뒤부터' },
  aNumber: '숫자로 적어 주세요.',
  replayed: '다시 보내고 있어요.',
  deleteWebhookMeans: '더 보내지 않아요. 아직 못 보낸 것은 보내지 않은 채로 끝나요.',
  noWebhooks: '보내는 웹훅이 없어요.',

  dataAbout: '마루에 있는 내 것을 언제든 가져갈 수 있어요.',
  dataExport: '내 데이터 내려받기',
  dataWhat:
    '계정, 설정, 로그인한 기기, 들어가 있는 방, 내가 쓴 모든 글과 올린 파일의 이름이 JSON 파일 하나에 담겨요.',
  dataDownload: '내려받기',
  dataErase: '계정 지우기',
  dataEraseHow:
    '계정과 쓴 글을 지우려면 관리자에게 부탁하세요. 서버에서 user erase 명령으로 지워요.',
}
