import type { errors as korean } from '../ko/errors'

export const errors: typeof korean = {
  fieldError: {
    username:
      'This username cannot be used. Leave out spaces and signs like @ # / : , < > " & ? %.',
    password: 'This password is too short or easy to guess. Please choose a longer one.',
    'password.new': 'This password is too short or easy to guess. Please choose a longer one.',
    'password.current': 'The current password is wrong.',
    display_name: 'This name cannot be used. Leave out invisible characters.',
    name: 'This name cannot be used. Leave out invisible characters.',
    topic: 'This topic cannot be used. Leave out invisible characters.',
  },
  error: {
    offline: 'The server cannot be reached. Check your connection and try again.',
    bad_credentials: 'The username or password is wrong.',
    unauthenticated: 'You have been signed out. Please sign in again.',
    bad_invite: 'This invite link is over or used up. Ask for a new one.',
    signup_closed: 'Signing up is closed.',
    name_taken: 'This name is taken. Please choose another.',
    bad_length: 'This is too short or too long.',
    bad_origin: 'This address may not be used. Ask an administrator to set --origin.',
    conflict: 'It has changed meanwhile. Please try again.',
    invalid: 'One of the values cannot be used.',
    bad_request: 'The server did not understand the request.',
    forbidden: 'You may not do this.',
    missing_scope: 'This token may not do this. Make a new one with the scope that it needs.',
    not_a_member: 'Only members of this room can do this.',
    not_found: 'It does not exist, or is not yours to see.',
    method_not_allowed: 'The server does not know how to do this. Reload and try again.',
    not_implemented: 'This server cannot do this yet.',
    unsupported_media_type: 'The server does not take this format.',
    last_one: 'The last one has to stay.',
    too_large: 'This is too large to be sent.',
    too_many_requests: 'That was too often. Wait a moment and try again.',
    too_many_sockets:
      'This account has too many open connections. Close other windows or programs.',
    read_only: 'Only reading works right now. An administrator has to look at the server.',
    file_lost:
      'The attached file is no longer in this browser. Delete the message and attach it again.',
    storage_full: 'The server’s storage is full. Please tell an administrator.',
    unavailable: 'The server is busy. Try again in a moment.',
    timeout: 'The server is slow to answer. Try again in a moment.',
    internal: 'Something went wrong on the server. Try again in a moment.',
  },
}
