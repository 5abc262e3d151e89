import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type LegacyOutcome,
  legacyAnswer,
  legacyKind,
  readDevice,
  readDirection,
  readFlag,
  readLegacyCamera,
  readPort,
  recordingAt,
} from '../../src/domain/legacy.ts';
import { epochMs } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';

const SEOUL = zone('Asia/Seoul');
const BERLIN = zone('Europe/Berlin');
const at = (text: string) => epochMs(Date.parse(text));
const BODY = { seq: 3, gid: 7, name: 'Yard', iaddr: 'rtsp://a:b@10.0.0.4/1', protocol: 'rtsp', isRec: 1 };

describe('a registration', () => {
  it('is read', () => {
    expect(readLegacyCamera(BODY)).toEqual({ ...BODY, gid: '7', isRec: true });
  });

  it.each([
    ['numbers as text', { ...BODY, seq: '3', gid: '7', isRec: '1' }, { seq: 3, gid: '7', isRec: true }],
    ['no name', { ...BODY, name: undefined }, { name: 'Camera 7/3' }],
    ['a blank name', { ...BODY, name: ' \n ' }, { name: 'Camera 7/3' }],
    ['no word of recording', { ...BODY, isRec: undefined }, { isRec: false }],
    ['a group that is a word', { ...BODY, gid: 'north-2' }, { gid: 'north-2' }],
    ['more than is known', { ...BODY, colour: 'red' }, { seq: 3 }],
  ])('may have %s', (_, body, read) => {
    expect(readLegacyCamera(body)).toMatchObject(read);
  });

  it.each([
    ['seq', { ...BODY, seq: -1 }],
    ['seq', { ...BODY, seq: 1.5 }],
    ['seq', { ...BODY, seq: 'x' }],
    ['gid', { ...BODY, gid: '../etc' }],
    ['gid', { ...BODY, gid: null }],
    ['iaddr', { ...BODY, iaddr: '' }],
    ['iaddr', { ...BODY, iaddr: 5 }],
    ['isRec', { ...BODY, isRec: 'yes' }],
  ])('with a wrong %s is refused', (field, body) => {
    expect(() => readLegacyCamera(body)).toThrow(expect.objectContaining({ kind: 'invalid', field }));
  });

  it('of any shape is read or refused, never worse', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('seq', 'gid', 'name', 'iaddr', 'protocol', 'isRec'), fc.anything()),
        (body) => {
          try {
            readLegacyCamera(body);
          } catch (thrown) {
            expect(thrown).toMatchObject({ kind: 'invalid', field: expect.any(String) });
          }
        },
      ),
    );
  });
});

describe('what an address is of', () => {
  it.each([
    ['rtsp://10.0.0.4/1', 'rtmp', 'rtsp'],
    ['rtmp://10.0.0.4/live/1', 'rtsp', 'rtmp'],
    ['http://10.0.0.4/a.m3u8', 'rtsp', 'hls'],
    ['http://10.0.0.4/a.m3u8?x=1', '', 'hls'],
    ['https://10.0.0.4/play', 'hls', 'hls'],
    ['http://10.0.0.4/video.mjpg', 'http', 'http'],
    ['SRT://10.0.0.4:9000', 'srt', 'srt'],
  ])('%s by %s is %s', (iaddr, protocol, kind) => {
    expect(legacyKind({ iaddr, protocol })).toBe(kind);
  });

  it.each(['10.0.0.4', 'ftp://10.0.0.4', 'javascript:1'])('%s is refused', (iaddr) => {
    expect(() => legacyKind({ iaddr, protocol: 'rtsp' })).toThrow(
      expect.objectContaining({ field: 'iaddr' }),
    );
  });
});

describe('an answer', () => {
  const outcome: LegacyOutcome = {
    ...{ gid: '7', seq: 3, isRec: true, recording: null },
    insertedMs: at('2026-03-01T15:00:00Z'),
    updatedMs: at('2026-03-02T00:30:05Z'),
  };

  it('says when and where, in the zone', () => {
    expect(legacyAnswer(outcome, 'http://nvr:8080', SEOUL)).toEqual({
      ...{ status: 1, isRec: 1, inserted: '2026-03-02 00:00:00', updated: '2026-03-02 09:30:05' },
      ...{ stream_url: 'http://nvr:8080/7/3/hls/index.m3u8', record_url: '' },
      ...{ recStartDate: '', recStartTime: '', recEndTime: '' },
    });
  });

  it('says where the recording that has ended is', () => {
    const recording = { startMs: at('2026-03-01T15:00:09Z'), endMs: at('2026-03-01T15:10:00Z') };
    expect(legacyAnswer({ ...outcome, isRec: false, recording }, 'http://nvr', SEOUL)).toMatchObject({
      ...{ isRec: 0, record_url: 'http://nvr/7/3/20260302/00:00:09/index.m3u8' },
      ...{ recStartDate: '20260302', recStartTime: '00:00:09', recEndTime: '00:10:00' },
    });
  });

  it('has no address yet of one that has begun', () => {
    const recording = { startMs: at('2026-03-01T15:00:09Z'), endMs: null };
    expect(legacyAnswer({ ...outcome, recording }, 'http://nvr', SEOUL)).toMatchObject({
      ...{ record_url: '', recStartDate: '20260302', recStartTime: '00:00:09', recEndTime: '' },
    });
  });
});

it('finds a recording by its local date and time, the first where clocks show it twice', () => {
  const recordings = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((text) => ({ startMs: at(text) }));
  expect(recordingAt(recordings, '20261025', '02:30:00', BERLIN)).toBe(recordings[0]);
  expect(recordingAt(recordings, '20261025', '02:30:01', BERLIN)).toBeUndefined();
});

describe('words', () => {
  it.each([
    ['left', { pan: -0.5, tilt: 0, zoom: 0 }],
    ['UpRight', { pan: 0.5, tilt: 0.5, zoom: 0 }],
    ['zoom_in', { pan: 0, tilt: 0, zoom: 0.5 }],
    ['zoomout', { pan: 0, tilt: 0, zoom: -0.5 }],
    ['stop', { pan: 0, tilt: 0, zoom: 0 }],
  ])('%s moves', (word, motion) => {
    expect(readDirection(word)).toEqual(motion);
  });

  it.each(['', 'sideways', 5, null])('%s is no direction', (word) => {
    expect(() => readDirection(word)).toThrow(expect.objectContaining({ field: 'direction' }));
  });

  it('flags are 0 and 1', () => {
    expect([1, '1', true, 0, '0', false].map((value) => readFlag(value, 'isRec'))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(() => readFlag(2, 'isRec')).toThrow(expect.objectContaining({ field: 'isRec' }));
  });
});

describe('a device', () => {
  it.each([
    [{ iaddr: '10.0.0.4' }, { host: '10.0.0.4', port: 80 }],
    [
      { iaddr: ' cam.local ', port: '8080' },
      { host: 'cam.local', port: 8080 },
    ],
    [
      { iaddr: '10.0.0.4:554', port: 81 },
      { host: '10.0.0.4', port: 81 },
    ],
    [{ iaddr: 'rtsp://a:p@ss@10.0.0.4:554/1' }, { host: '10.0.0.4', port: 80 }],
    [{ iaddr: 'rtsp://[2001:db8::7]/1' }, { host: '2001:db8::7', port: 80 }],
    [{ iaddr: '[2001:db8::7]' }, { host: '2001:db8::7', port: 80 }],
    [{ iaddr: '2001:db8::7' }, { host: '2001:db8::7', port: 80 }],
    [
      { iaddr: '10.0.0.4', id: 'admin', passwd: 'x' },
      { host: '10.0.0.4', port: 80, username: 'admin', password: 'x' },
    ],
    [
      { iaddr: '10.0.0.4', id: '', passwd: '' },
      { host: '10.0.0.4', port: 80, password: '' },
    ],
  ])('%j is %j', (body, device) => {
    expect(readDevice(body)).toEqual(device);
  });

  it.each([
    ['iaddr', {}],
    ['iaddr', { iaddr: ' ' }],
    ['iaddr', { iaddr: 7 }],
    ['iaddr', { iaddr: 'ftp://10.0.0.4' }],
    ['iaddr', { iaddr: 'a b' }],
    ['port', { iaddr: '10.0.0.4', port: 0 }],
  ])('with a wrong %s is refused: %j', (field, body) => {
    expect(() => readDevice(body)).toThrow(expect.objectContaining({ kind: 'invalid', field }));
  });

  it.each([undefined, null, 80, '80'])('%j is port 80', (value) => expect(readPort(value)).toBe(80));

  it.each([0, -1, 65_536, 1.5, '', 'http', '1e3', true, {}])('%j is no port', (value) => {
    expect(() => readPort(value)).toThrow(expect.objectContaining({ kind: 'invalid', field: 'port' }));
  });
});
