/**
 * Requests that are still being answered, and sockets that were opened by one: live media, long downloads. They end
 * as soon as whoever opened them may no longer do so, whatever transport they are and without its knowing.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sameGrant } from '../../domain/access.ts';
import type { Identity } from './gate.ts';
import type { User, UserStore } from './ports.ts';

interface Connection {
  readonly identity: Identity;
  end(): void;
}

export class Connections {
  readonly #users: UserStore;
  readonly #open = new Set<Connection>();

  constructor(users: UserStore) {
    this.#users = users;
  }

  /** Keeps an eye on a request until it is answered, or on the socket that it becomes. */
  track({ raw, headers }: FastifyRequest, reply: FastifyReply, identity: Identity): void {
    const { socket } = raw;
    const upgrades = headers.upgrade !== undefined;
    // Who went while it was found out who asks is not heard of again.
    if (socket.destroyed || reply.raw.destroyed) return;
    const connection = { identity, end: () => (upgrades ? socket.destroy() : reply.raw.destroy()) };
    this.#open.add(connection);
    const forget = () => this.#open.delete(connection);
    if (upgrades) socket.once('close', forget);
    else reply.raw.once('finish', forget).once('close', forget);
  }

  /** Ends what somebody has open who may no longer: gone, disabled, with other rights, or a session that ended. */
  async recheck(): Promise<void> {
    await Promise.all(
      [...this.#open].map(async (connection) => {
        if (!(await this.#isGood(connection.identity))) connection.end();
      }),
    );
  }

  async #isGood({ owner, isStillGood }: Identity): Promise<boolean> {
    if (owner === null) return await isStillGood();
    const now = await this.#users.find(owner.name);
    return now?.enabled === true && sameRights(now, owner) && (await isStillGood());
  }
}

function sameRights(a: User, b: User): boolean {
  return a.role === b.role && sameGrant(a.cameras, b.cameras);
}
