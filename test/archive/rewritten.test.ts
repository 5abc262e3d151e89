import { cpSync, renameSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Archive } from '../../src/archive/archive.ts';
import { Database } from '../../src/archive/database.ts';
import { copyState, media } from './crashed.ts';
import { bytesOf, wallTime } from './fragments.ts';
import {
  beginRun,
  EVER,
  FaultyDisk,
  FRONT,
  openArchive,
  START_MS,
  temporaryFolder,
  until,
} from './support.ts';

type Disk = 'media' | 'more';

/** What a process leaves that was killed while it wrote on another disk what the first had not confirmed. */
interface Left {
  readonly folder: string;
  readonly older: Disk;
  readonly newer: Disk;
}

const KEY = media.fragments.findIndex(({ key, startTicks }) => key && startTicks > 0);
const DURABLE = KEY + 3;
const WRITTEN = DURABLE + 2;
const both = (folder: string) => ({ moreMediaDirs: [join(folder, 'more')] });

async function killedBetweenDisks(): Promise<Left> {
  const [alive, folder, disk] = [temporaryFolder(), temporaryFolder(), new FaultyDisk()];
  const limits = { syncMs: 20, retryMs: 20, segmentMs: 60_000, endMs: 100 };
  const archive = await openArchive(alive, { disk, ...limits, ...both(alive) });
  const writer = archive.writer(beginRun(archive, media), () => undefined);
  const append = (from: number, to: number) => {
    for (const fragment of media.fragments.slice(from, to)) {
      writer.append(fragment, wallTime(START_MS, fragment));
    }
  };
  append(0, DURABLE);
  await until(() => writer.lastDurableMs === wallTime(START_MS, media.fragments[DURABLE] ?? expect.fail()));
  const first = archive.footage.segments(FRONT, EVER)[0]?.file ?? '';
  const older = first.startsWith(join(alive, 'media/')) ? 'media' : 'more';
  disk.only = join(alive, older);
  disk.faults.set('write', 'EIO').set('truncate', 'EIO');
  append(DURABLE, WRITTEN);
  await until(() => writer.lastDurableMs === wallTime(START_MS, media.fragments[WRITTEN] ?? expect.fail()));
  copyState(alive, folder);
  cpSync(join(alive, 'more'), join(folder, 'more'), { recursive: true });
  await archive.close();
  moved(folder, alive);
  return { folder, older, newer: older === 'media' ? 'more' : 'media' };
}

/** The index is told where its folders are now. */
function moved(folder: string, from: string): void {
  const index = Database.open(join(folder, 'state', 'nightjar.db'));
  index.execute(`UPDATE volume SET path = replace(path, '${from}/', '${folder}/')`);
  void index.close();
}

function copied(left: Left): Left {
  const folder = temporaryFolder();
  cpSync(left.folder, folder, { recursive: true });
  moved(folder, left.folder);
  return { ...left, folder };
}

const segmentsOf = (archive: Archive) => archive.footage.segments(FRONT, EVER);

async function bytesIn(archive: Archive): Promise<Buffer> {
  const parts = segmentsOf(archive).map(({ id, gops }) => archive.footage.readGops(id, 0, gops.length));
  return Buffer.concat(await Promise.all(parts));
}

function expectNothingTwice(archive: Archive): void {
  const segments = segmentsOf(archive);
  for (const [index, { startMs }] of segments.entries()) {
    expect(startMs).toBeGreaterThanOrEqual(segments[index - 1]?.endMs ?? 0);
  }
}

/** How far the newer file reaches, and which fragments there are in the end. */
const REACHES = [
  { reach: 'further', end: WRITTEN },
  { reach: 'less far', end: DURABLE },
];

describe('what was written again to another disk', () => {
  let original: Left;
  beforeAll(async () => {
    original = await killedBetweenDisks();
  });

  function left(end: number): Left {
    const mine = copied(original);
    if (end === DURABLE) {
      const file = newerFile(mine);
      const again = bytesOf(media.fragments.slice(KEY, WRITTEN)).length;
      truncateSync(file, statSync(file).size - again + (media.fragments[KEY]?.byteLength ?? 0));
    }
    return mine;
  }

  function newerFile({ folder, newer }: Left): string {
    const index = Database.openToRead(join(folder, 'state', 'nightjar.db'));
    const row = index
      .prepare<[], { path: string }>('SELECT path FROM open_segment ORDER BY id DESC LIMIT 1')
      .get();
    void index.close();
    return join(folder, newer, row?.path ?? '');
  }

  describe.each(REACHES)('and reaches $reach', ({ end }) => {
    const whole = bytesOf(media.fragments.slice(0, end));

    it.each(['older', 'newer'] as const)(
      'is there once when the disk of the %s comes back',
      async (which) => {
        const { folder, ...disks } = left(end);
        const place = join(folder, disks[which]);
        renameSync(place, join(folder, 'away'));
        const archive = await openArchive(folder, { retryMs: 20, ...both(folder) });
        expectNothingTwice(archive);
        const before = await bytesIn(archive);
        expect(before.length).toBeGreaterThan(0);
        renameSync(join(folder, 'away'), place);
        await expect.poll(async () => (await bytesIn(archive)).equals(whole)).toBe(true);
        expectNothingTwice(archive);
        await archive.retention.turn();
        expect((await bytesIn(archive)).equals(whole)).toBe(true);
        await archive.close();
      },
    );

    it.each([['older', 'newer'] as const, ['newer', 'older'] as const])(
      'is there once when now the disk of the %s is away, and then that of the %s',
      async (...turns) => {
        const { folder, ...disks } = left(end);
        for (const which of turns) {
          const place = join(folder, disks[which]);
          renameSync(place, join(folder, 'away'));
          const archive = await openArchive(folder, both(folder));
          expectNothingTwice(archive);
          await archive.retention.turn();
          await archive.close();
          renameSync(join(folder, 'away'), place);
        }
        const archive = await openArchive(folder, both(folder));
        expectNothingTwice(archive);
        expect((await bytesIn(archive)).equals(whole)).toBe(true);
        await archive.close();
      },
    );
  });

  it('stays where it was as long as the disk that has it as well is away', async () => {
    const { folder, older, newer } = left(WRITTEN);
    const open = async () => await openArchive(folder, both(folder));
    const away = join(folder, 'away');
    renameSync(join(folder, older), away);
    await (await open()).close();
    renameSync(away, join(folder, older));
    renameSync(join(folder, newer), away);
    const archive = await open();
    const [mine] = segmentsOf(archive);
    expect(mine?.endMs).toBe(wallTime(START_MS, media.fragments[KEY] ?? expect.fail()));
    const file = mine?.file ?? '';
    expect(statSync(file).size - (mine?.bytes ?? 0)).toBe(
      bytesOf(media.fragments.slice(KEY, DURABLE)).length,
    );
    await archive.close();
  });
});
