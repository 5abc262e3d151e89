/** Tokens, the audit log and the first set-up in memory. */
import { NvrError } from '../../src/domain/errors.ts';
import type { EpochMs } from '../../src/domain/time.ts';
import type {
  AuditFilter,
  AuditLine,
  AuditStore,
  SetupPort,
  Token,
  TokenStore,
} from '../../src/http/auth/ports.ts';

export class MemoryTokens implements TokenStore {
  readonly rows = new Map<string, Token>();
  find(tokenHash: string): Token | undefined {
    return [...this.rows.values()].find((token) => token.tokenHash === tokenHash);
  }
  list(): readonly Token[] {
    return [...this.rows.values()].sort((a, b) => b.createdMs - a.createdMs);
  }
  insert(token: Token): void {
    this.rows.set(token.id, token);
  }
  touch(id: string, usedMs: EpochMs): void {
    const token = this.rows.get(id);
    if (token) this.rows.set(id, { ...token, usedMs });
  }
  remove(id: string): void {
    if (!this.rows.delete(id)) throw new NvrError('not-found', 'There is no such token.');
  }
}

export class MemoryAudit implements AuditStore {
  readonly lines: (AuditLine & { readonly id: number })[] = [];
  add(line: AuditLine): void {
    this.lines.unshift({ id: this.lines.length + 1, ...line });
  }
  list({ user, action, fromMs, toMs, beforeId, limit }: AuditFilter) {
    return this.lines
      .filter((line) => user === null || line.user === user)
      .filter((line) => action === null || line.action.includes(action))
      .filter(({ id, atMs }) => atMs >= fromMs && atMs < toMs && (beforeId === null || id < beforeId))
      .slice(0, limit);
  }
}

export class MemorySetup implements SetupPort {
  state: 'open' | 'done' = 'done';
  isOpen(): boolean {
    return this.state === 'open';
  }
  begin(): void {
    this.state = 'open';
  }
  finish(): void {
    this.state = 'done';
  }
  facts() {
    return { zone: 'Asia/Seoul', folders: [{ folder: '/media', freeBytes: 100, totalBytes: 1000 }] };
  }
}
