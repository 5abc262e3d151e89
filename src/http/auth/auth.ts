/** All that decides who may do what, put together: what the gate and the routes of users, sessions and tokens share. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../domain/time.ts';
import { audit } from './auditing.ts';
import { Connections } from './connections.ts';
import { Credentials } from './credentials.ts';
import { guard } from './gate.ts';
import type { AuditStore, SessionStore, SetupPort, TokenStore, UserStore } from './ports.ts';
import { type ProxyUserOptions, proxyUserReader } from './proxyUser.ts';
import { Sessions } from './sessions.ts';
import { Tokens } from './tokens.ts';
import { Users } from './users.ts';

export interface AuthPorts {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  readonly audit: AuditStore;
  readonly setup: SetupPort;
  readonly clock: Clock;
}

export interface Auth {
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly users: Users;
  readonly audit: AuditStore;
  readonly setup: SetupPort;
  /** Has to be called after what takes rights away. */
  recheck(): Promise<void>;
}

/** How often it is looked whether a session has ended by itself. */
const RECHECK_EVERY_MS = 60_000;

/** Puts the gate and the audit log before all routes of the instance. */
export function protect(
  app: FastifyInstance,
  ports: AuthPorts,
  proxy: ProxyUserOptions,
  isListed: (request: FastifyRequest) => boolean,
): Auth {
  const { users, clock } = ports;
  const credentials = new Credentials(users, () => clock.monotonic());
  const sessions = new Sessions(users, ports.sessions, clock);
  const tokens = new Tokens(users, ports.tokens, clock);
  const connections = new Connections(users);
  guard(
    app,
    { users, credentials, sessions, tokens, proxyUser: proxyUserReader(proxy), isListed },
    connections,
  );
  audit(app, ports.audit, users, clock);
  const timer = setInterval(() => {
    connections
      .recheck()
      .catch((error: unknown) => app.log.error({ err: error }, 'a check of sessions failed'));
  }, RECHECK_EVERY_MS).unref();
  app.addHook('onClose', async () => clearInterval(timer));
  return {
    ...{ credentials, sessions, tokens, users: new Users(users, sessions, clock) },
    ...{ audit: ports.audit, setup: ports.setup },
    recheck: () => connections.recheck(),
  };
}
