/** Who may do what, and who did what: the stores of users, sessions, tokens and the audit log, together. */
import { AuditStore } from './auditStore.ts';
import type { Database } from './database.ts';
import { TokenStore } from './tokenStore.ts';
import { SessionStore, UserStore } from './userStore.ts';

export interface AccessStores {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  readonly audit: AuditStore;
}

export function accessStores(database: Database): AccessStores {
  return {
    users: new UserStore(database),
    sessions: new SessionStore(database),
    tokens: new TokenStore(database),
    audit: new AuditStore(database),
  };
}
