/** Exports in the background over a real archive: archives and their manifests, transport streams, the queue's life. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ExportJobs } from '../../src/app/exportJobs.ts';
import { makeExport } from '../../src/app/exportMaker.ts';
import type { Making } from '../../src/app/exportReady.ts';
import { verifyExport } from '../../src/app/verifyPort.ts';
import type { Archive } from '../../src/archive/archive.ts';
import type { ExportJob, ExportSpec } from '../../src/archive/exportJobStore.ts';
import { RecorderKey } from '../../src/archive/recorderKey.ts';
import { ZipFile } from '../../src/archive/zipFile.ts';
import { NvrError } from '../../src/domain/errors.ts';
import type { Manifest } from '../../src/domain/exportManifest.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import { startGst } from '../../src/media/gst.ts';
import { remuxToTs } from '../../src/media/remux.ts';
import { encodeRun, record } from './exportFootage.ts';
import {
  FRONT,
  HandClock,
  openArchive,
  probe,
  START_MS,
  silentLog,
  temporaryFolder,
  until,
} from './support.ts';

const YARD = cameraId('yard');
const BERLIN = zone('Europe/Berlin');
const clock = new HandClock();
clock.ms = 3_600_000;

const folder = temporaryFolder();
const exportsIn = join(folder, 'exports');
let archive: Archive;
let key: RecorderKey;
beforeAll(async () => {
  startGst([]);
  mkdirSync(exportsIn);
  archive = await openArchive(folder, { segmentMs: 1_000, clock });
  key = RecorderKey.open(join(folder, 'state'));
  await record(archive, encodeRun('bframes', 4, true), 1, 28_000);
  archive.ledger.openGap(FRONT, 'unreachable', epochMs(START_MS + 32_000));
  archive.ledger.closeGap(FRONT, epochMs(START_MS + 34_000));
  await record(archive, encodeRun('h265', 3, false), 2, 34_000);
}, 60_000);
afterAll(() => archive.close());

const SPEC: ExportSpec = {
  ...{ cameras: [FRONT], format: 'mp4', zip: true, burnTime: false },
  ...{ fromMs: epochMs(START_MS + 29_000), toMs: epochMs(START_MS + 36_000) },
};
const H264_ONLY = { toMs: epochMs(START_MS + 32_000), zip: false } as const;

function doors() {
  const { exporter, footage, settings } = archive;
  return {
    ...{ exporter, key, clock, zone: BERLIN, remux: remuxToTs, software: 'Nightjar 1.2.3' },
    burn: () => Promise.reject(new Error('nothing is encoded here')),
    gaps: footage.gaps.bind(footage),
    nameOf: () => 'Front/door',
    installation: settings.get('installation') ?? '',
  };
}

const make = (job: ExportJob, making: Making) => makeExport(job, doors(), making);

function queue(making = make): ExportJobs {
  const { exportJobs: store } = archive.finding;
  return new ExportJobs({ store, make: making, folder: exportsIn, keepMs: 60_000, clock, log: silentLog });
}

let jobs: ExportJobs;
beforeEach(async () => {
  jobs = queue();
  await jobs.start();
  return async () => {
    for (const { id } of jobs.list()) await jobs.remove(id);
    await jobs.close();
    expect(readdirSync(exportsIn)).toEqual([]);
  };
});

/** Has it made; gives the job and the path of its file. */
async function made(spec: Partial<ExportSpec>): Promise<{ job: ExportJob; path: string }> {
  const { id } = jobs.order({ ...SPEC, ...spec }, 'anna');
  await until(() => ['done', 'failed'].includes(jobs.get(id).state), 20_000);
  const job = jobs.get(id);
  return { job, path: jobs.pathOf(job) };
}

async function manifestOf(path: string): Promise<Manifest> {
  const text = execFileSync('unzip', ['-p', path, 'manifest.json'], { encoding: 'utf8' });
  return JSON.parse(text);
}

describe('an archive', () => {
  it('holds a playable file for each part, and a manifest that says what they are', async () => {
    const { job, path } = await made({});
    expect(job).toMatchObject({ state: 'done', createdBy: 'anna', bytes: statSync(path).size });
    expect(job.name).toBe('Nightjar 2026-03-29 01.59.59+0100 - 2026-03-29 03.00.06+0200.zip');
    expect(job.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
    execFileSync('unzip', ['-tq', path]);
    const into = temporaryFolder();
    execFileSync('unzip', ['-q', path, '-d', into]);
    const { files, ...about } = await manifestOf(path);
    expect(about).toMatchObject({ software: 'Nightjar 1.2.3', createdBy: 'anna', zone: 'Europe/Berlin' });
    expect(about.installation).toBe(archive.settings.get('installation'));
    expect(files.map(({ codecs }) => codecs.slice(0, 4))).toEqual(['avc1', 'hvc1']);
    for (const { name, bytes, sha256 } of files) {
      const content = readFileSync(join(into, name));
      expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256]);
    }
    expect(files.map(({ name }) => probe(join(into, name)).frames)).toEqual([75, 50]);
    expect(files[0]).toMatchObject({
      ...{ name: 'Front_door 2026-03-29 01.59.59+0100 - 2026-03-29 03.00.02+0200.mp4', cameraId: FRONT },
      ...{ askedFromMs: SPEC.fromMs, askedToMs: SPEC.toMs, deliveredFromMs: START_MS + 29_000 },
      ...{ deliveredToMs: START_MS + 32_000, driftMs: 0 },
      gaps: [{ startMs: START_MS + 32_000, endMs: START_MS + 34_000, cause: 'unreachable' }],
    });
  });

  it('names every camera that was asked for, and where there was no footage of it', async () => {
    const { path } = await made({ cameras: [FRONT, YARD] });
    const { cameras, files } = await manifestOf(path);
    const asked = { askedFromMs: SPEC.fromMs, askedToMs: SPEC.toMs };
    expect(cameras).toEqual([
      {
        ...{ cameraId: FRONT, cameraName: 'Front/door', ...asked },
        missing: [{ startMs: START_MS + 32_000, endMs: START_MS + 34_000 }],
      },
      {
        ...{ cameraId: YARD, cameraName: 'Front/door', ...asked },
        missing: [{ startMs: SPEC.fromMs, endMs: SPEC.toMs }],
      },
    ]);
    expect(files.every((file) => file.cameraId === FRONT)).toBe(true);
  });

  it('is found to be unchanged, and who signed it is told', async () => {
    const { path } = await made({});
    const { files, ...found } = await verifyExport(path);
    expect(found).toEqual({
      ...{ signed: true, key: key.fingerprint, software: 'Nightjar 1.2.3', createdMs: clock.now() },
    });
    expect(files.map(({ state }) => state)).toEqual(['same', 'same']);
  });

  it.each<[string, (bytes: Buffer) => Buffer, (path: string) => Promise<unknown>]>([
    [
      'a byte of a file',
      (bytes) => flipped(bytes, bytes.indexOf('mdat') + 100),
      async (path) => (await verifyExport(path)).files[0]?.state === 'changed',
    ],
    [
      'the manifest',
      (bytes) => flipped(bytes, bytes.indexOf('anna')),
      async (path) => !(await verifyExport(path)).signed,
    ],
    [
      'the signature',
      (bytes) => flipped(bytes, bytes.indexOf('"signature": "') + 20),
      async (path) => !(await verifyExport(path)).signed,
    ],
  ])('is found out when %s was changed', async (_, change, isFoundOut) => {
    const { path } = await made({});
    writeFileSync(path, change(readFileSync(path)));
    expect(await isFoundOut(path)).toBe(true);
  });

  it('is found out when a file was added or taken out', async () => {
    const { path } = await made({});
    const added = join(temporaryFolder(), 'added.zip');
    writeFileSync(added, readFileSync(path));
    const stranger = join(temporaryFolder(), 'stranger.txt');
    writeFileSync(stranger, 'hello');
    execFileSync('zip', ['-q0j', added, stranger]);
    expect((await verifyExport(added)).files).toContainEqual({
      name: 'stranger.txt',
      state: 'not in the manifest',
    });
    execFileSync('zip', ['-qd', added, 'Front*01.59.59*']);
    expect((await verifyExport(added)).files.map(({ state }) => state)).toContain('missing');
  });

  it('is no archive when it is cut off anywhere, or is something else', async () => {
    const { path } = await made({});
    const bytes = readFileSync(path);
    const cut = join(temporaryFolder(), 'cut.zip');
    for (const length of [0, 1, 21, 22, 1_000, bytes.length >> 1, bytes.length - 1]) {
      writeFileSync(cut, bytes.subarray(0, length));
      await expect(verifyExport(cut)).rejects.toThrow(NvrError);
    }
    await expect(verifyExport(join(folder, 'nowhere.zip'))).rejects.toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
  });

  it('is read as others write it, beyond four gigabytes too', async () => {
    const path = join(temporaryFolder(), 'python.zip');
    const script = `import zipfile
with zipfile.ZipFile(${JSON.stringify(path)}, 'w', zipfile.ZIP_STORED) as z:
  with z.open('a', 'w', force_zip64=True) as f: f.write(b'hello')
  z.writestr('b/ü', b'')`;
    execFileSync('python3', ['-c', script]);
    const zip = await ZipFile.open(path);
    expect(zip.entries.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['a', 5],
      ['b/ü', 0],
    ]);
    const [first] = zip.entries;
    const blocks: string[] = [];
    if (first !== undefined) for await (const block of zip.read(first)) blocks.push(block.toString());
    expect(blocks).toEqual(['hello']);
    await zip.close();
  });
});

describe('a single file', () => {
  it.each([
    ['mp4', 'mov,mp4,m4a,3gp,3g2,mj2'],
    ['fmp4', 'mov,mp4,m4a,3gp,3g2,mj2'],
    ['ts', 'mpegts'],
  ] as const)('is made as %s', async (format, expected) => {
    const { job, path } = await made({ ...H264_ONLY, format });
    const ask = ['-v', 'error', '-show_entries', 'format=format_name:stream=codec_name', '-of', 'json'];
    const seen: { format: { format_name: string }; streams: { codec_name: string }[] } = JSON.parse(
      execFileSync('ffprobe', [...ask, path], { encoding: 'utf8' }),
    );
    expect(seen.format.format_name).toBe(expected);
    expect(new Set(seen.streams.map(({ codec_name }) => codec_name))).toEqual(new Set(['h264', 'aac']));
    expect(probe(path).frames).toBe(75);
    expect(job.name).toMatch(format === 'ts' ? /\.ts$/ : /\.mp4$/);
  });

  it('carries H.265 in a transport stream as well', async () => {
    const { path } = await made({ fromMs: epochMs(START_MS + 34_000), zip: false, format: 'ts' });
    expect(probe(path).frames).toBeGreaterThanOrEqual(50);
  });

  it.each<[string, Partial<ExportSpec>, RegExp]>([
    ['the range is several files', { zip: false }, /2 files: order them as a ZIP/],
    ['nothing was recorded', { cameras: [YARD] }, /Nothing was recorded/],
  ])('is refused with a sentence when %s', async (_, spec, sentence) => {
    const { id } = jobs.order({ ...SPEC, ...spec }, 'anna');
    await until(() => jobs.get(id).state === 'failed');
    expect(jobs.get(id).error).toMatch(sentence);
    expect(() => jobs.pathOf(jobs.get(id))).toThrow(expect.objectContaining({ kind: 'conflict' }));
  });
});

describe('the queue', () => {
  it('makes one after the other, and tells how far it is', async () => {
    const shares: number[] = [];
    await jobs.close();
    jobs = queue(async (job, making) => {
      making.onProgress(1, 4);
      shares.push(jobs.share(jobs.get(job.id)));
      return await make(job, making);
    });
    await jobs.start();
    const ids = [1, 2, 3].map(() => jobs.order({ ...SPEC, ...H264_ONLY }, 'anna').id);
    await until(() => ids.every((id) => jobs.get(id).state === 'done'), 20_000);
    expect(shares).toEqual([0.25, 0.25, 0.25]);
    expect(ids.map((id) => jobs.share(jobs.get(id)))).toEqual([1, 1, 1]);
  });

  it('ends what is cancelled, with its file, and goes on', async () => {
    await jobs.close();
    jobs = queue(async (job, making) => {
      if (job.cameras[0] === YARD)
        await new Promise((resolve) => making.signal.addEventListener('abort', resolve));
      return await make(job, making);
    });
    await jobs.start();
    const hanging = jobs.order({ ...SPEC, cameras: [YARD] }, 'anna');
    const next = jobs.order({ ...SPEC, ...H264_ONLY }, 'anna');
    await until(() => jobs.get(hanging.id).state === 'running');
    await jobs.remove(hanging.id);
    expect(() => jobs.get(hanging.id)).toThrow(expect.objectContaining({ kind: 'not-found' }));
    await until(() => jobs.get(next.id).state === 'done', 20_000);
  });

  it('cancels what is being made without waiting for those behind it', async () => {
    await jobs.close();
    jobs = queue(
      (_, making) => new Promise((_resolve, reject) => making.signal.addEventListener('abort', reject)),
    );
    await jobs.start();
    const [first, second] = [jobs.order(SPEC, 'anna'), jobs.order(SPEC, 'anna')];
    await until(() => jobs.get(first.id).state === 'running');
    await jobs.remove(first.id);
    await until(() => jobs.get(second.id).state === 'running');
  });

  it('waits with what the index refuses until there is another order', async () => {
    await jobs.close();
    const { exportJobs } = archive.finding;
    let refusals = 0;
    let refuses = true;
    const begin = (id: number) => {
      if (!refuses) return exportJobs.begin(id);
      refusals++;
      throw new NvrError('exhausted', 'The disk is full.');
    };
    const store = Object.create(exportJobs, { begin: { value: begin } });
    // Private fields are those of the real one.
    for (const name of [
      'add',
      'list',
      'get',
      'next',
      'requeue',
      'done',
      'failed',
      'remove',
      'removeFinished',
    ])
      Object.defineProperty(store, name, { value: Reflect.get(exportJobs, name).bind(exportJobs) });
    jobs = new ExportJobs({ store, make, folder: exportsIn, keepMs: 60_000, clock, log: silentLog });
    await jobs.start();
    const first = jobs.order({ ...SPEC, ...H264_ONLY }, 'anna');
    await until(() => refusals > 0);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(refusals).toBe(1);
    refuses = false;
    const second = jobs.order({ ...SPEC, ...H264_ONLY }, 'anna');
    await until(() => [first, second].every(({ id }) => jobs.get(id).state === 'done'), 20_000);
  });

  it('takes up after a restart what was not done, and removes what nobody owns', async () => {
    await jobs.close();
    const halted = queue((_, making) => {
      writeFileSync(`${making.path}.part`, 'half');
      return new Promise((_resolve, reject) => {
        making.signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    });
    await halted.start();
    const { id } = halted.order({ ...SPEC, ...H264_ONLY }, 'anna');
    await until(() => existsSync(join(exportsIn, `export-${id}.part`)));
    await halted.close();
    writeFileSync(join(exportsIn, 'export-999'), 'stray');
    writeFileSync(join(exportsIn, 'export-999.mp4.part'), 'stray');
    jobs = queue();
    await jobs.start();
    await until(() => jobs.get(id).state === 'done', 20_000);
    expect(readdirSync(exportsIn)).toEqual([`export-${id}`]);
  });

  it('forgets what is older than it is kept', async () => {
    const { job, path } = await made(H264_ONLY);
    await jobs.close();
    clock.ms += 60_001;
    jobs = queue();
    await jobs.start();
    expect(() => jobs.get(job.id)).toThrow(expect.objectContaining({ kind: 'not-found' }));
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['ENOSPC', /The disk is full/],
    ['EIO', /The disk fails/],
  ])('says what is wrong with the disk: %s', async (code, sentence) => {
    await jobs.close();
    jobs = queue(async (job, making) => {
      const failing = { ...doors(), remux: () => Promise.reject(Object.assign(new Error(code), { code })) };
      return await makeExport(job, failing, making);
    });
    await jobs.start();
    const { id } = jobs.order({ ...SPEC, ...H264_ONLY, format: 'ts' }, 'anna');
    await until(() => jobs.get(id).state === 'failed');
    expect(jobs.get(id).error).toMatch(sentence);
    expect(readdirSync(exportsIn)).toEqual([]);
  });

  it('fails with a sentence when the footage is deleted meanwhile', async () => {
    await record(archive, encodeRun('bframes', 2, false), 9, 50_000);
    await jobs.close();
    jobs = queue(async (job, making) => {
      const { exporter } = archive;
      const spied = Object.create(exporter, {
        plan: {
          value: async (request: Parameters<typeof exporter.plan>[0]) => {
            const plan = await exporter.plan(request);
            for (const { files } of plan.stretches) for (const { source } of files) rmSync(source.file);
            return plan;
          },
        },
      });
      return await makeExport(job, { ...doors(), exporter: spied }, making);
    });
    await jobs.start();
    const range = { fromMs: epochMs(START_MS + 50_000), toMs: epochMs(START_MS + 52_000), zip: true };
    const { id } = jobs.order({ ...SPEC, ...range }, 'anna');
    await until(() => jobs.get(id).state === 'failed');
    expect(jobs.get(id).error).toMatch(/does not exist/);
  });

  it('takes no more orders than anybody means', async () => {
    await jobs.close();
    jobs = queue(
      (_, making) => new Promise((_resolve, reject) => making.signal.addEventListener('abort', reject)),
    );
    await jobs.start();
    const order = () => jobs.order(SPEC, 'anna');
    for (let count = 0; count < 200; count++) order();
    expect(order).toThrow(expect.objectContaining({ kind: 'exhausted' }));
  });
});

describe('the key of the recorder', () => {
  it('is made once, for nobody else to read', () => {
    const state = temporaryFolder();
    const first = RecorderKey.open(state);
    expect(RecorderKey.open(state).fingerprint).toBe(first.fingerprint);
    expect(first.fingerprint).toMatch(/^([0-9a-f]{4}-){7}[0-9a-f]{4}$/);
    expect(statSync(join(state, 'export-key.pem')).mode & 0o777).toBe(0o600);
    expect(readdirSync(state)).toEqual(['export-key.pem']);
  });

  it.each([
    ['no bytes', ''],
    ['zeros', '\0'.repeat(119)],
  ])('is made anew where a power cut left %s of it', (_, left) => {
    const state = temporaryFolder();
    writeFileSync(join(state, 'export-key.pem'), left);
    const made = RecorderKey.open(state);
    expect(RecorderKey.open(state).fingerprint).toBe(made.fingerprint);
  });

  it('refuses a file that is none', () => {
    const state = temporaryFolder();
    writeFileSync(join(state, 'export-key.pem'), 'hello');
    expect(() => RecorderKey.open(state)).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });

  it('makes signatures that OpenSSL accepts', () => {
    const into = temporaryFolder();
    const bytes = Buffer.from('a manifest');
    const { signature, publicKey } = key.sign(bytes);
    writeFileSync(join(into, 'sig'), Buffer.from(signature, 'base64'));
    writeFileSync(join(into, 'key'), Buffer.from(publicKey, 'base64'));
    writeFileSync(join(into, 'text'), bytes);
    const check = ['pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', join(into, 'key'), '-rawin'];
    const said = execFileSync('openssl', [
      ...check,
      '-in',
      join(into, 'text'),
      '-sigfile',
      join(into, 'sig'),
    ]);
    expect(String(said)).toContain('Verified Successfully');
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  // Another letter of the same alphabet, so that what it is part of can still be read.
  changed[at] = changed[at] === 0x42 ? 0x43 : 0x42;
  return changed;
}
