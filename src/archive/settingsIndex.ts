/** What is configured, in the index of a recorder that is not running, or, only to be read, of one that is. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import { type AccessStores, accessStores } from './accessStores.ts';
import { ActivityStore } from './activityStore.ts';
import { CameraStore } from './cameraStore.ts';
import { Database, lockFile } from './database.ts';
import { MIGRATIONS, migrate } from './migrations.ts';
import { PolicyStore, ScheduleStore } from './policyStore.ts';
import { sealPasswords } from './sealing.ts';
import { SettingStore } from './settingStore.ts';
import { Vault } from './vault.ts';
import { WebhookStore } from './webhookStore.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

export class SettingsIndex {
  readonly cameras: CameraStore;
  readonly policies: PolicyStore;
  readonly schedules: ScheduleStore;
  readonly activity: ActivityStore;
  readonly webhooks: WebhookStore;
  readonly settings: SettingStore;
  readonly access: AccessStores;
  readonly vault: Vault;
  readonly #database: Database;
  readonly #unlock: () => void;

  private constructor(database: Database, vault: Vault, unlock: () => void) {
    this.#database = database;
    this.#unlock = unlock;
    this.vault = vault;
    this.cameras = new CameraStore(database, vault);
    this.policies = new PolicyStore(database);
    this.schedules = new ScheduleStore(database);
    this.activity = new ActivityStore(database);
    this.webhooks = new WebhookStore(database);
    this.settings = new SettingStore(database);
    this.access = accessStores(database);
  }

  /**
   * @param stateDir absolute path of the folder of the index
   * @param use `read` beside a recorder too; to `change` it, no recorder may be running
   * @throws NvrError `not-found` without an index, `conflict` for one in use, or of another version to read
   */
  static open(stateDir: string, use: 'read' | 'change'): SettingsIndex {
    const path = join(stateDir, 'nightjar.db');
    if (!existsSync(path)) {
      throw new NvrError('not-found', `There is no index of a recorder in ${stateDir}.`, {
        field: 'state-dir',
      });
    }
    return use === 'read' ? openToRead(path, stateDir) : openToChange(path, stateDir);

    function openToRead(file: string, folder: string): SettingsIndex {
      const database = Database.openToRead(file);
      if (database.version === MIGRATIONS.length) {
        return new SettingsIndex(database, Vault.open(folder), () => undefined);
      }
      void database.close();
      const message = 'The index is of another version of Nightjar: start a recorder of this one first.';
      throw new NvrError('conflict', message, { field: 'state-dir' });
    }

    function openToChange(file: string, folder: string): SettingsIndex {
      const unlock = lockFile(join(folder, 'nightjar.lock'));
      try {
        const database = Database.open(file);
        migrate(database);
        const vault = Vault.open(folder);
        sealPasswords(database, vault, SILENT);
        return new SettingsIndex(database, vault, unlock);
      } catch (thrown) {
        unlock();
        throw thrown;
      }
    }
  }

  /** Stores everything that the function stores, or, when it throws, nothing. */
  together<T>(work: () => T): T {
    return this.#database.transaction(work);
  }

  /** Lets the folder go. */
  async close(): Promise<void> {
    await this.#database.close();
    this.#unlock();
  }
}
