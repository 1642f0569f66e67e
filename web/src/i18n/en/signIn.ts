import type { signIn as korean } from '../ko/signIn'

export const signIn: typeof korean = {
  passkeyRefused: 'The passkey could not be made or used. Please try again.',
  codeTitle: 'One more step',
  codeLabel: 'Code',
  codeHint: 'The six digits of your app, or a recovery code.',
  signInByPasskey: 'Sign in with a passkey',
  signInAgain: 'Start over',
  emailConfirmTitle: 'Confirm your address',
  emailConfirm: 'This address is mine',
  emailConfirmed: 'Your address is confirmed.',
  forgotten: 'Forgot your password?',
  forgottenTitle: 'Set a new password',
  forgottenHint: 'Enter your username or email address, and we send you a link.',
  forgottenName: 'Username or email address',
  forgottenSend: 'Send the link',
  forgottenSent:
    'If there is such an account with an address, a link is on its way. Open it within an hour.',
}
