/** Passkeys of this browser: what the server asks becomes what the browser takes, and back. */
import type { Asked } from '../../api/types'

type Json = Record<string, unknown>

/** Whether this browser, under this address, can have passkeys. */
export function canHavePasskeys(): boolean {
  const isNumber = /^[\d.]+$|^\[/.test(location.hostname)
  return isSecureContext && !isNumber && typeof PublicKeyCredential === 'function'
}

/** The reader said no, or let it lie: no failure to speak of. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotAllowedError'
}

/** Has a device make one. */
export async function makePasskey({ options }: Asked): Promise<Json> {
  const asked = options as Json
  const user = asked.user as Json
  const made = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...user, id: bytes(user.id) },
      excludeCredentials: listed(asked.excludeCredentials),
    } as unknown as PublicKeyCredentialCreationOptions,
  })
  return answer(made)
}

/** Has a device show one of this site. */
export async function showPasskey({ options }: Asked): Promise<Json> {
  const asked = options as Json
  const shown = await navigator.credentials.get({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      allowCredentials: listed(asked.allowCredentials),
    } as unknown as PublicKeyCredentialRequestOptions,
  })
  return answer(shown)
}

/** As `PublicKeyCredential.toJSON()`, which not every browser has. */
function answer(credential: Credential | null): Json {
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('', 'NotAllowedError')
  const { response } = credential
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response:
      response instanceof AuthenticatorAttestationResponse
        ? {
            clientDataJSON: text(response.clientDataJSON),
            attestationObject: text(response.attestationObject),
            transports: response.getTransports(),
          }
        : shownBy(response as AuthenticatorAssertionResponse),
  }
}

function shownBy(response: AuthenticatorAssertionResponse): Json {
  return {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: response.userHandle ? text(response.userHandle) : undefined,
  }
}

function listed(known: unknown): Json[] {
  return ((known ?? []) as Json[]).map((one) => ({ ...one, id: bytes(one.id) }))
}

/** base64url. */
function bytes(encoded: unknown): ArrayBuffer {
  const plain = String(encoded).replaceAll('-', '+').replaceAll('_', '/')
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0)).buffer
}

function text(buffer: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('')
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
