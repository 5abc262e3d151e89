/** Brings the passwords of an index to what the vault of its folder has sealed: at the first start, and after a loss. */
import type { Database } from './database.ts';
import type { Log } from './records.ts';
import { SettingStore } from './settingStore.ts';
import type { Vault } from './vault.ts';

/** The key of the setting that says that passwords are sealed; absent while they are stored as they are. */
const SEALED = 'passwords-sealed';

/** What the password of a camera's stream is sealed for. */
export function passwordContext(cameraId: string, stream: 'main' | 'sub'): string {
  return `camera ${cameraId} ${stream}`;
}

interface PasswordRow {
  readonly id: string;
  readonly password: string | null;
  readonly sub_password: string | null;
}

/**
 * Seals passwords that an older program stored as they are, and leaves no trace of them in the file. Says which
 * cameras have one that can't be read, because the key is another one than it was sealed with.
 */
export function sealPasswords(database: Database, vault: Vault, log: Log): void {
  const settings = new SettingStore(database);
  const rows = rowsOf(database);
  if (settings.get(SEALED) === null) {
    database.transaction(() => {
      sealPlain(database, vault, rows);
      settings.set(SEALED, 'yes');
    });
    // What was there before is still in free pages, and in the write-ahead log.
    if (rows.length > 0) database.execute('VACUUM; PRAGMA wal_checkpoint(TRUNCATE);');
    return;
  }
  const cameras = rows.filter((row) => isUnreadable(row, vault)).map(({ id }) => id);
  if (cameras.length === 0) return;
  log.error(
    { cameras },
    'the passwords of these cameras were sealed with another key: put secrets.key back, or give them anew',
  );
}

function sealPlain(database: Database, vault: Vault, rows: readonly PasswordRow[]): void {
  const update = database.prepare<[string | null, string | null, string]>(
    'UPDATE camera SET password = ?, sub_password = ? WHERE id = ?',
  );
  for (const { id, password, sub_password } of rows) {
    const main = password === null ? null : vault.seal(password, passwordContext(id, 'main'));
    const sub = sub_password === null ? null : vault.seal(sub_password, passwordContext(id, 'sub'));
    update.run(main, sub, id);
  }
}

function isUnreadable({ id, password, sub_password }: PasswordRow, vault: Vault): boolean {
  const lost = (sealed: string | null, stream: 'main' | 'sub') =>
    sealed !== null && vault.open(sealed, passwordContext(id, stream)) === null;
  return lost(password, 'main') || lost(sub_password, 'sub');
}

function rowsOf(database: Database): PasswordRow[] {
  return database
    .prepare<[], PasswordRow>(
      'SELECT id, password, sub_password FROM camera WHERE password IS NOT NULL OR sub_password IS NOT NULL',
    )
    .all();
}
