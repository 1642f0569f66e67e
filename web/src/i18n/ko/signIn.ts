/** What it takes besides a password, or in its place. */
export const signIn = {
  passkeyRefused: '패스키를 만들거나 쓰지 못했어요. 다시 해 보세요.',
  codeTitle: '한 번 더 확인할게요',
  codeLabel: '코드',
  codeHint: '인증 앱의 여섯 자리나 복구 코드를 넣어 주세요.',
  signInByPasskey: '패스키로 로그인',
  signInAgain: '처음으로 돌아가기',
  emailConfirmTitle: '메일 주소 확인',
  emailConfirm: '이 주소가 맞아요',
  emailConfirmed: '메일 주소를 확인했어요.',
  forgotten: '비밀번호를 잊으셨나요?',
  forgottenTitle: '비밀번호 새로 정하기',
  forgottenHint: '아이디나 메일 주소를 넣으면 링크를 보내 드려요.',
  forgottenName: '아이디나 메일 주소',
  forgottenSend: '링크 받기',
  forgottenSent: '그런 계정이 있고 메일 주소가 있으면 링크를 보냈어요. 한 시간 안에 열어 주세요.',
}
