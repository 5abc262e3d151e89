/** Facts about this installation as text by key. Who gives them a meaning owns the key. */
import type { Database, Statement } from './database.ts';

export class SettingStore {
  readonly #get: Statement<[string], { readonly value: string }>;
  readonly #set: Statement<[string, string], never>;
  readonly #remove: Statement<[string], never>;

  constructor(database: Database) {
    this.#get = database.prepare('SELECT value FROM setting WHERE key = ?');
    this.#set = database.prepare(
      'INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#remove = database.prepare('DELETE FROM setting WHERE key = ?');
  }

  /** Null when it was never set, or removed. */
  get(key: string): string | null {
    return this.#get.get(key)?.value ?? null;
  }

  /** Null removes it. */
  set(key: string, value: string | null): void {
    if (value === null) this.#remove.run(key);
    else this.#set.run(key, value);
  }
}
