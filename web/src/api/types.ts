/**
 * The server's types by their names, taken from its OpenAPI document: `openapi.json` is the
 * server's own, `schema.d.ts` is made from it by `npm run schema`.
 */
import type { components, paths } from './schema'

type Schemas = components['schemas']
/** One of the list that a path answers with. */
type Listed<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': (infer T)[] } } } }
}
  ? T
  : never

export type User = Schemas['User']
export type Author = Schemas['Author']
export type Message = Schemas['Message']
export type MessagePage = Schemas['MessagePage']
export type Room = Schemas['Room'] & { archived?: boolean }
export type RoomKind = Schemas['RoomKind']
export type Member = Listed<'/api/v1/rooms/{id}/members'>
export type MemberRole = Member['role']
export type Attachment = Schemas['File']
export type Upload = Schemas['Upload']
export type SharedFile = Schemas['SharedFile']
export type FilesPage = Schemas['FilesPage']
export type FollowState = Schemas['FollowState']
export type FollowedThread = Schemas['FollowedThread']
export type FollowedThreads = Schemas['FollowedThreads']
export type ThreadSummary = Schemas['ThreadSummary']
export type Pins = Schemas['Pins']
export type SavedPage = Schemas['SavedPage']
export type MentionsPage = Schemas['MentionsPage']
export type NotificationLevel = Schemas['NotificationLevel']
export type Status = Schemas['Status']
export type KeptDraft = Schemas['KeptDraft']
export type Scheduled = Schemas['Scheduled']
export type EditHistory = Schemas['EditHistory']
export type OldText = Schemas['OldText']
export type ThreadPage = Schemas['ThreadPage']
export type Session = Listed<'/api/v1/sessions'>
export type ServerInfo = Schemas['ServerInfo']
export type Bootstrap = Schemas['Bootstrap']
/** A room with the page of it that is read first. */
export type Opened = Schemas['Opened']
export type SignedIn = Schemas['SignedIn']
/** What somebody signs in with besides the password. */
export type MyFactors = Schemas['MyFactors']
export type MyEmail = Schemas['MyEmail']
export type Passkey = Schemas['Passkey']
export type TotpSetup = Schemas['TotpSetup']
export type RecoveryCodes = Schemas['RecoveryCodes']
/** What a device is asked. */
export type Asked = Schemas['Asked']
export type Security = Schemas['Security']
export type Demand = Schemas['Demand']
export type SearchHit = Schemas['SearchHit']
export type SearchPage = Schemas['SearchPage']
export type Suggestions = Schemas['Suggestions']
export type Role = Schemas['Role']
export type Invite = Schemas['Invite']
export type ShownInvite = Schemas['ShownInvite']
export type ErrorBody = Schemas['ProblemBody']
/** What requests carry. */
export type NewAccount = Schemas['NewAccount']
export type NewRoom = Schemas['NewRoom']

/** Programs: tokens, bots, webhooks. */
export type Scope = Schemas['Scope']
export type AccessToken = Listed<'/api/v1/tokens'>
export type ShownToken = Schemas['ShownToken']
export type NewToken = Schemas['NewToken']
export type NewBot = Schemas['NewBot']
export type ShownBot = Schemas['ShownBot']
export type Hook = Schemas['Hook']
export type ShownHook = Schemas['ShownHook']
export type Webhook = Schemas['Webhook']
export type ShownWebhook = Schemas['ShownWebhook']
export type NewWebhook = Schemas['NewWebhook']
export type Replay = Schemas['Replay']
/** Administration. */
export type AuditEntry = Schemas['AuditEntry']
export type AuditPage = Schemas['AuditPage']
export type Expiring = Schemas['Expiring']
export type AllExpiring = Schemas['AllExpiring']
export type OwnWords = Schemas['Words']
export type KeptWord = Schemas['KeptWord']
export type OwnWord = Schemas['OwnWord']
export type WordTested = Schemas['WordTested']
export type PartOfSpeech = Schemas['PartOfSpeech']
export type Import = Schemas['Import']
export type NewImport = Schemas['NewImport']
export type OwnedRoom = Schemas['OwnedRoom']
export type OwnedRooms = Schemas['OwnedRooms']
