import { describe, expect, it } from 'vitest';
import { boxesIn, findBox, makeBox, makeFullBox, needBox, uint32s } from '../../src/mp4/boxes.ts';
import { codecString } from '../../src/mp4/codecs.ts';
import { parseInit, rewriteInit, timescalesOf } from '../../src/mp4/init.ts';
import { clip, ffprobe, frontOf } from './clips.ts';

const invalid = expect.objectContaining({ name: 'NvrError', kind: 'invalid' });

/** The sample entry's codec string, for a configuration box of the given content. */
function named(entry: string, config: string, hex: string): string {
  const child = makeBox(config, Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  const [box] = boxesIn(makeBox(entry, child));
  if (box === undefined) throw new Error('no box');
  return codecString(box, boxesIn(box.body));
}

describe('codec strings', () => {
  it.each([
    ['avc1', 'avcC', '01 64001f ff', 'avc1.64001F'],
    ['avc3', 'avcC', '01 42c01e ff', 'avc3.42C01E'],
    ['hvc1', 'hvcC', '01 01 60000000 b00000000000 5d', 'hvc1.1.6.L93.B0'],
    ['hev1', 'hvcC', '01 22 20000000 900000000000 99', 'hev1.2.4.H153.90'],
    ['hvc1', 'hvcC', '01 41 80000000 000000000000 1e', 'hvc1.A1.1.L30'],
    ['hvc1', 'hvcC', '01 01 60000000 b00000230000 5d', 'hvc1.1.6.L93.B0.0.0.23'],
    ['mp4a', 'esds', '00000000 03 16 0000 00 04 11 40 15 000000 00000000 00000000 05 02 1210', 'mp4a.40.2'],
    ['mp4a', 'esds', '00000000 03 16 0000 00 04 11 40 15 000000 00000000 00000000 05 02 2b88', 'mp4a.40.5'],
    ['mp4a', 'esds', '00000000 03 16 0000 00 04 11 40 15 000000 00000000 00000000 05 02 f940', 'mp4a.40.42'],
    ['mp4a', 'esds', '00000000 03 808012 0000 00 04 0d 6b 15 000000 00000000 00000000', 'mp4a.6B'],
    ['Opus', 'dOps', '00', 'Opus'],
    ['ac-3', 'dac3', '00', 'ac-3'],
    ['.mp3', 'btrt', '00', 'mp4a.6B'],
  ])('names %s with %s %s', (entry, config, hex, expected) => {
    expect(named(entry, config, hex).toLowerCase()).toBe(expected.toLowerCase());
  });

  it('writes the profile of HEVC in upper case', () => {
    expect(named('hvc1', 'hvcC', '01 01 60000000 b00000000000 5d')).toBe('hvc1.1.6.L93.B0');
  });

  it.each([
    ['mp4v', 'esds', '00'],
    ['hvc1', 'hvcC', '01 01 60'],
    ['mp4a', 'esds', '00000000 03 16 0000 00 05'],
    ['mp4a', 'esds', '00000000 03 7f 0000'],
    ['avc1', 'free', '00'],
  ])('refuses %s with %s %s', (entry, config, hex) => {
    expect(() => named(entry, config, hex)).toThrow(invalid);
  });
});

describe('init segments', () => {
  it('reads the tracks that mp4mux writes', async () => {
    const { video, audio, codecs } = parseInit(frontOf(await clip('h264BframesAac')));
    expect(video).toMatchObject({ id: 1, kind: 'video', width: 160, height: 120, timescale: 2500 });
    expect(audio).toMatchObject({
      id: 2,
      codec: 'mp4a.40.2',
      sampleRate: 44100,
      channels: 1,
      timescale: 44100,
    });
    expect(codecs).toMatch(/^avc1\.[0-9a-f]{6},mp4a\.40\.2$/);
  });

  it('reads H.265 and Opus, and a file without sound', async () => {
    const both = parseInit(frontOf(await clip('h265Opus')));
    expect(both.codecs).toMatch(/^hvc1\.1\.6\.L\d+\.[0-9A-F.]+,Opus$/);
    expect(both.audio).toMatchObject({ sampleRate: 48000, channels: 2 });
    const silent = parseInit(frontOf(await clip('h264')));
    expect(silent.audio).toBeNull();
    expect(silent.codecs).toBe(silent.video.codec);
  });

  it('publishes the same for any run of the same configuration, and leaves its own result alone', async () => {
    const ours = rewriteInit(frontOf(await clip('h264BframesAac')));
    expect(rewriteInit(ours.bytes).bytes).toEqual(ours.bytes);
    expect(rewriteInit(withExtras(ours.bytes)).bytes).toEqual(ours.bytes);
    expect([...timescalesOf(ours)]).toEqual([
      [1, 2500],
      [2, 44100],
    ]);
  });

  it('puts video first, as track 1, wherever it was', async () => {
    const ours = rewriteInit(frontOf(await clip('h264BframesAac')));
    const [ftyp, moov] = boxesIn(ours.bytes);
    if (ftyp === undefined || moov === undefined) throw new Error('no moov');
    const [mvhd, video, audio, mvex] = boxesIn(moov.body).map(({ bytes }) => Buffer.from(bytes));
    if (!(mvhd && video && audio && mvex)) throw new Error('no tracks');
    video.writeUInt32BE(9, 8 + 8 + 12);
    audio.writeUInt32BE(4, 8 + 8 + 12);
    const swapped = Buffer.concat([ftyp.bytes, makeBox('moov', mvhd, audio, mvex, video)]);
    expect(parseInit(swapped)).toMatchObject({ video: { id: 9 }, audio: { id: 4 } });
    expect(rewriteInit(swapped).bytes).toEqual(ours.bytes);
  });

  it('carries no durations, no edit lists and no dates', async () => {
    const moov = needBox(boxesIn(rewriteInit(frontOf(await clip('h264BframesAac'))).bytes), 'moov');
    expect(boxesIn(moov.body).map(({ type }) => type)).toEqual(['mvhd', 'trak', 'trak', 'mvex']);
    expect(needBox(boxesIn(moov.body), 'mvhd').body.subarray(0, 20)).toEqual(uint32s(0, 0, 0, 90_000, 0));
    expect(boxesIn(needBox(boxesIn(moov.body), 'mvex').body).map(({ type }) => type)).toEqual([
      'trex',
      'trex',
    ]);
    const traks = boxesIn(moov.body).filter(({ type }) => type === 'trak');
    for (const trak of traks) expect(findBox(boxesIn(trak.body), 'edts')).toBeUndefined();
  });

  it('is understood by ffprobe', async () => {
    const { streams } = JSON.parse(
      await ffprobe(rewriteInit(frontOf(await clip('h265Opus'))).bytes, ['-show_streams']),
    );
    expect(streams).toMatchObject([
      { codec_name: 'hevc', width: 160, height: 120, time_base: '1/2500' },
      { codec_name: 'opus', channels: 2, time_base: '1/48000' },
    ]);
  });

  it('refuses a file without moov, without video, and every truncation', async () => {
    const front = frontOf(await clip('h264BframesAac'));
    expect(() => parseInit(front.subarray(0, 32))).toThrow(invalid);
    const [mvhd] = boxesIn(needBox(boxesIn(front), 'moov').body);
    expect(() => parseInit(makeBox('moov', mvhd?.bytes ?? Buffer.alloc(0)))).toThrow(invalid);
    for (let length = 0; length < front.length; length++) {
      expect(() => parseInit(front.subarray(0, length))).toThrow(invalid);
    }
  });
});

/** The init segment as another muxer might write it: 64-bit header boxes with dates, an edit list, tags, a mehd. */
function withExtras(bytes: Buffer): Buffer {
  const moov = boxesIn(needBox(boxesIn(bytes), 'moov').body).map(({ type, body, bytes: whole }) => {
    if (type === 'mvhd') return wide('mvhd', body);
    if (type === 'mvex') return makeBox('mvex', makeFullBox('mehd', 0, 0, uint32s(77)), body);
    const [tkhd, mdia] = boxesIn(body);
    const [mdhd, ...media] = boxesIn(mdia?.body ?? whole);
    if (tkhd === undefined || mdhd === undefined) throw new Error('no headers');
    return makeBox(
      'trak',
      wide('tkhd', tkhd.body),
      makeBox('edts', makeFullBox('elst', 0, 0, uint32s(0))),
      makeBox('mdia', wide('mdhd', mdhd.body), ...media.map((box) => box.bytes)),
      makeBox('udta'),
    );
  });
  return Buffer.concat([makeBox('ftyp', Buffer.from('mp42')), makeBox('moov', ...moov), makeBox('free')]);
}

/** A version 1 header box from a version 0 body, with dates and a duration. */
function wide(type: 'mvhd' | 'tkhd' | 'mdhd', body: Buffer): Buffer {
  const id = body.readUInt32BE(12);
  const ids = type === 'tkhd' ? uint32s(id, 0) : uint32s(id);
  const rest = body.subarray(type === 'tkhd' ? 24 : 20);
  const flags = body.readUInt32BE(0);
  return makeFullBox(type, 1, flags, uint32s(0, 5, 0, 6), ids, uint32s(0, 123), rest);
}
