/**
 * Checks a name and a password. Players send them with every request of a playlist, so what was right is
 * remembered for minutes, as a hash under a key of this process, and checked without argon2.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { NvrError } from '../../domain/errors.ts';
import { HttpError } from '../problems.ts';
import { LoginLimiter } from './limiter.ts';
import { verifyPassword } from './passwords.ts';
import type { User, UserStore } from './ports.ts';
import { Queue } from './queue.ts';

const REMEMBER_MS = 10 * 60_000;
const MOST_REMEMBERED = 1_000;
const MOST_WAITING = 32;

interface Remembered {
  /** The check itself, so that the burst of requests a player starts with makes one. */
  readonly checked: Promise<User>;
  readonly untilMs: number;
}

export class Credentials {
  readonly #users: UserStore;
  readonly #monotonic: () => number;
  readonly #limiter: LoginLimiter;
  readonly #key = randomBytes(32);
  readonly #remembered = new Map<string, Remembered>();
  /**
   * One check at a time: a flood of logins takes one thread of the pool that also writes footage, and each try
   * sees the failures of all before it.
   */
  readonly #queue = new Queue(MOST_WAITING);

  /** @param monotonic milliseconds of a clock that never steps */
  constructor(users: UserStore, monotonic: () => number) {
    this.#users = users;
    this.#monotonic = monotonic;
    this.#limiter = new LoginLimiter(monotonic);
  }

  /**
   * The user whose name and password these are.
   * @param address where the request came from
   * @throws HttpError 401 when they are wrong, 429 when there were too many tries, 503 when too many are waiting
   */
  async check(name: string, password: string, address: string): Promise<User> {
    this.#refuseHaste(name, address);
    return await this.#queue.run(async () => {
      this.#refuseHaste(name, address);
      const user = await this.#users.find(name);
      if (!(await verifyPassword(user?.passwordHash, password)) || user === undefined || !user.enabled) {
        this.#limiter.failed(name, address);
        throw new HttpError(401, 'The user name or the password is wrong.');
      }
      this.#limiter.succeeded(name, address);
      return user;
    });
  }

  /** As `check`, for who is logged in already: a wrong password is no reason to log in again. */
  async confirm(name: string, password: string, address: string): Promise<void> {
    try {
      await this.check(name, password, address);
    } catch (error) {
      const wrong = error instanceof HttpError && error.status === 401;
      throw wrong ? new NvrError('invalid', 'The password is wrong.', { field: 'current' }) : error;
    }
  }

  /** As `check`, but remembers what was right until the user changes. */
  async checkOften(name: string, password: string, address: string): Promise<User> {
    const key = createHmac('sha256', this.#key).update(`${name}\0${password}`).digest('base64');
    const known = this.#remembered.get(key);
    if (known !== undefined && known.untilMs > this.#monotonic()) {
      const then = await known.checked;
      const now = await this.#users.find(name);
      if (now?.enabled === true && now.passwordHash === then.passwordHash) return now;
    }
    const checked = this.check(name, password, address);
    this.#remember(key, checked);
    return await checked;
  }

  #refuseHaste(name: string, address: string): void {
    const waitMs = this.#limiter.waitMs(name, address);
    if (waitMs === 0) return;
    const seconds = String(Math.ceil(waitMs / 1_000));
    throw new HttpError(429, `Too many wrong passwords; try again in ${seconds} s.`, {
      'retry-after': seconds,
    });
  }

  #remember(key: string, checked: Promise<User>): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, { checked, untilMs: this.#monotonic() + REMEMBER_MS });
    checked.catch(() => this.#remembered.delete(key));
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MOST_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }
}
