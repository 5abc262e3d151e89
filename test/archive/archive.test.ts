import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IDENTITY_FILE } from '../../src/archive/volume.ts';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { encode, wallTime } from './fragments.ts';
import { beginRun, openArchive, START_MS, segmentFiles, temporaryFolder } from './support.ts';

const media = encode(1, false);

describe('Archive.open', () => {
  it('creates its folders and opens them again', async () => {
    const folder = temporaryFolder();
    await (await openArchive(folder)).close();
    const identity: unknown = JSON.parse(readFileSync(join(folder, 'media', IDENTITY_FILE), 'utf8'));
    expect(identity).toEqual({ uuid: expect.any(String), installation: expect.any(String) });
    const again = await openArchive(folder);
    expect(again.recovery).toEqual({
      recovered: [],
      damaged: [],
      removed: [],
      missing: [],
      failed: [],
      interrupted: [],
      openGaps: [],
    });
    await again.close();
    expect(JSON.parse(readFileSync(join(folder, 'media', IDENTITY_FILE), 'utf8'))).toEqual(identity);
  });

  it('keeps a second recorder out of the state folder, until the first is done', async () => {
    const folder = temporaryFolder();
    const first = await openArchive(folder);
    await expect(openArchive(folder)).rejects.toThrow(
      expect.objectContaining({ kind: 'conflict', message: expect.stringContaining('Another recorder') }),
    );
    await first.close();
    await (await openArchive(folder)).close();
    expect(segmentFiles(folder)).toEqual([]);
  });

  it('refuses a folder whose parent is missing, or that is a file, naming it', async () => {
    const folder = temporaryFolder();
    const missing = join(folder, 'no', 'media');
    await expect(openArchive(folder, { mediaDir: missing })).rejects.toThrow(
      `${join(folder, 'no')} does not exist`,
    );
    writeFileSync(join(folder, 'file'), '');
    const file = join(folder, 'file');
    await expect(openArchive(folder, { mediaDir: file })).rejects.toThrow(`${file} is not a folder`);
    await expect(openArchive(folder, { stateDir: join(file, 'x') })).rejects.toThrow('is not a folder');
  });

  it.skipIf(process.getuid?.() === 0)('refuses a folder it may not write to', async () => {
    const folder = temporaryFolder();
    const closed = join(folder, 'closed');
    mkdirSync(closed, 0o500);
    await expect(openArchive(folder, { mediaDir: closed })).rejects.toThrow(`permission to use ${closed}`);
    chmodSync(closed, 0o700);
  });

  it('refuses the volume of another installation', async () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    await (await openArchive(one)).close();
    await expect(openArchive(two, { mediaDir: join(one, 'media') })).rejects.toThrow(
      expect.objectContaining({ kind: 'conflict', message: expect.stringContaining('another installation') }),
    );
  });

  it('refuses a media folder whose identity file is gone: its disk is not mounted', async () => {
    const folder = temporaryFolder();
    await (await openArchive(folder)).close();
    rmSync(join(folder, 'media', IDENTITY_FILE));
    await expect(openArchive(folder)).rejects.toThrow(
      expect.objectContaining({ kind: 'unavailable', message: expect.stringContaining('not mounted') }),
    );
  });

  it('refuses a damaged identity file', async () => {
    const folder = temporaryFolder();
    await (await openArchive(folder)).close();
    writeFileSync(join(folder, 'media', IDENTITY_FILE), '{"uuid": 1');
    await expect(openArchive(folder)).rejects.toThrow('is damaged');
  });

  it('refuses to record when the volume disappears while it runs, and writes nothing below it', async () => {
    const folder = temporaryFolder();
    const archive = await openArchive(folder, { endMs: 100 });
    const problems: string[] = [];
    const writer = archive.writer(beginRun(archive, media), (problem) => problems.push(problem.message));
    rmSync(join(folder, 'media'), { recursive: true });
    mkdirSync(join(folder, 'media'));
    for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS, fragment));
    await writer.end();
    expect(problems[0]).toContain('not mounted');
    expect(segmentFiles(folder)).toEqual([]);
    await archive.close();
  });

  it('follows a volume that is mounted elsewhere', async () => {
    const folder = temporaryFolder();
    const archive = await openArchive(folder);
    const writer = archive.writer(beginRun(archive, media), () => undefined);
    for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS, fragment));
    await archive.close();
    renameSync(join(folder, 'media'), join(folder, 'elsewhere'));
    const again = await openArchive(folder, { mediaDir: join(folder, 'elsewhere') });
    const [segment] = again.footage.segments(cameraId('front-door'), {
      startMs: epochMs(START_MS),
      endMs: epochMs(START_MS + 1000),
    });
    expect(segment?.file).toContain(join(folder, 'elsewhere', 'front-door'));
    if (segment !== undefined)
      await expect(again.footage.readGops(segment.id, 0, 1)).resolves.toBeInstanceOf(Buffer);
    await again.close();
  });

  it('does not make a writer for a run that has not begun', async () => {
    const archive = await openArchive(temporaryFolder());
    const unknown = runId('00000000-0000-4000-8000-00000000abcd');
    expect(() => archive.writer(unknown, () => undefined)).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
    await archive.close();
  });
});
