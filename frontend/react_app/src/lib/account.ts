/** Accounts, sessions, keys and table layouts, in the words of the screens that show them. */
import {
  authKeysCreate,
  authKeysDestroy,
  authKeysList,
  authSessionsDestroy,
  authSessionsList,
  authTotpConfirm,
  authTotpDisable,
  authTotpEnrol,
  authTotpRecoveryCodes,
  layoutsCreate,
  layoutsDestroy,
  layoutsList as layoutsPage,
  layoutsPartialUpdate,
  usersCreate,
  usersDisableTotp,
  usersInvite,
  usersPartialUpdate,
  usersSignOut,
  type ApiKeyCreateRequest,
  type PatchedTableLayoutUpdateRequest,
  type PatchedUserUpdateRequest,
  type TableLayout,
  type TableLayoutWriteRequest,
  type TotpDisableRequest,
  type User,
  type UserCreateRequest,
} from "./api";

export type {
  ApiKey,
  AuditAction,
  AuditEntry,
  InvitationLink as Invitation,
  KeyScope,
  Me,
  NotificationChannel,
  Preferences,
  Role as RoleName,
  Session as SessionInfo,
  TotpEnrolment as TotpSetup,
  TotpState as Totp,
} from "./api";
export type Account = User;
export type Layout = TableLayout;

interface Watched {
  signal?: AbortSignal;
}

/** As many as one person has. */
const ALL = { page_size: 200 };

export const sessionsList = async (watched: Watched) => (await authSessionsList({ query: ALL, ...watched })).results;
export const sessionRevoke = (id: string) => authSessionsDestroy({ path: { id } });

export const totpBegin = (password: string) => authTotpEnrol({ body: { password } });
export const totpConfirm = (code: string) => authTotpConfirm({ body: { code } });
export const totpDisable = (body: TotpDisableRequest) => authTotpDisable({ body });
export const totpRecoveryCodes = (password: string) => authTotpRecoveryCodes({ body: { password } });

export const keysList = async (watched: Watched) => (await authKeysList({ query: ALL, ...watched })).results;
export const keyCreate = (body: ApiKeyCreateRequest) => authKeysCreate({ body });
export const keyRevoke = (id: number) => authKeysDestroy({ path: { id } });

export const userInvite = (body: UserCreateRequest) => usersCreate({ body });
export const userUpdate = (id: number, body: PatchedUserUpdateRequest) => usersPartialUpdate({ path: { id }, body });
export const userNewLink = (id: number) => usersInvite({ path: { id } });
export const userSignOut = (id: number) => usersSignOut({ path: { id } });
export const userDisableTotp = (id: number) => usersDisableTotp({ path: { id } });

export const layoutsList = async (table: string, watched: Watched) =>
  (await layoutsPage({ query: { table, ordering: ["name"], page_size: 100 }, ...watched })).results;
export const layoutCreate = (body: TableLayoutWriteRequest) => layoutsCreate({ body });
export const layoutUpdate = (id: number, body: PatchedTableLayoutUpdateRequest) =>
  layoutsPartialUpdate({ path: { id }, body });
export const layoutDelete = (id: number) => layoutsDestroy({ path: { id } });
