/** What the tests of retention share: an index with rows and files that hold no media, made in no time. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Database } from '../../src/archive/database.ts';
import { type Disk, realDisk } from '../../src/archive/disk.ts';
import type { GarbageVolume } from '../../src/archive/garbage.ts';
import { Gate } from '../../src/archive/gate.ts';
import { HoldingArea } from '../../src/archive/holding.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { PolicyStore } from '../../src/archive/policyStore.ts';
import { ProtectionStore } from '../../src/archive/protectionStore.ts';
import { Retention } from '../../src/archive/retention.ts';
import { RetentionIndex } from '../../src/archive/retentionIndex.ts';
import { segmentPath } from '../../src/archive/segmentPath.ts';
import type { CameraId } from '../../src/domain/ids.ts';
import type { SpaceRules } from '../../src/domain/retention.ts';
import { epochMs } from '../../src/domain/time.ts';
import { FRONT, HandClock, START_MS, silentLog, temporaryFolder } from './support.ts';

const MINUTE_MS = 60_000;

export interface Stock {
  readonly folder: string;
  readonly database: Database;
  readonly index: RetentionIndex;
  readonly policies: PolicyStore;
  readonly protections: ProtectionStore;
  readonly holding: HoldingArea;
  readonly clock: HandClock;
}

/** An empty index with one volume, its folder, and a run for each camera; deleted cameras are held so long. */
export function openStock(folder = temporaryFolder(), holdMs: number | null = null): Stock {
  const database = Database.open(':memory:');
  migrate(database);
  database.prepare<[string]>("INSERT INTO volume (id, uuid, path) VALUES (1, 'v', ?)").run(folder);
  database.execute("INSERT INTO init (id, sha256, bytes, codecs) VALUES (1, randomblob(32), x'00', 'avc1')");
  const protections = new ProtectionStore(database);
  const index = new RetentionIndex(database, protections);
  const policies = new PolicyStore(database);
  return {
    folder,
    database,
    index,
    protections,
    policies,
    holding: new HoldingArea({ database, index, policies, protections, holdMs }),
    clock: new HandClock(),
  };
}

/** Adds a segment of a minute that begins so many minutes after `START_MS`, with its file; gives the file. */
export function addSegment(
  { database, folder }: Stock,
  minute: number,
  { camera = FRONT, bytes = 1000, runId = 1, minutes = 1 }: Partial<Added> = {},
): string {
  const startMs = epochMs(START_MS + minute * MINUTE_MS);
  const path = segmentPath(camera, startMs, 1);
  database
    .prepare<[number, string, string]>(
      `INSERT OR IGNORE INTO run (id, uuid, camera_id, stream, init_id, started_ms, ended_ms, end_cause)
       VALUES (?, ?, ?, 'main', 1, 0, 1, 'stalled')`,
    )
    .run(runId, `run-${runId}`, camera);
  database
    .prepare<[number, string, string, number, number, number]>(
      `INSERT INTO segment (run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks, duration_ticks,
         bytes, header_bytes, frames, gops) VALUES (?, ?, 1, ?, ?, ?, 0, 1, ?, 1, 1, x'')`,
    )
    .run(runId, camera, path, startMs, startMs + minutes * MINUTE_MS, bytes);
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, Buffer.alloc(bytes));
  return file;
}

interface Added {
  readonly camera: CameraId;
  readonly bytes: number;
  readonly runId: number;
  readonly minutes: number;
}

/** A runner over it, on which turns are taken by hand; nothing is ever short of space, unless the gate says so. */
export function retentionOf(
  stock: Stock,
  disk: Disk = realDisk,
  rules: Partial<SpaceRules> = {},
  gate = new Gate(stock.folder),
  more: readonly GarbageVolume[] = [],
): Retention {
  const volume: GarbageVolume = {
    ...{ id: 1, path: stock.folder, trouble: null, gate },
    verify: async () => undefined,
  };
  return new Retention({
    ...stock,
    disk,
    log: silentLog,
    volumes: () => [...more, volume],
    rules: { reserveBytes: 1, whenFull: 'stop-lowest', ...rules },
  });
}

/** Takes turns until nothing is left to do. */
export async function settle(retention: Retention): Promise<number> {
  for (let turns = 1; turns < 1000; turns++) if ((await retention.turn()) > 0) return turns;
  throw new Error('retention never comes to an end');
}

export const present = (files: readonly string[]): boolean[] => files.map((file) => existsSync(file));
