/** What leads to a source besides RTSP: SRT addresses with settings, ports that have to be given, paths inside a folder. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, SCHEMES_OF } from '../../src/domain/address.ts';
import { encodedFormat, PLAIN_ENCODE } from '../../src/domain/encode.ts';
import { innerPath } from '../../src/domain/filePath.ts';
import type { StreamFormat } from '../../src/domain/media.ts';
import { parseSrtAddress } from '../../src/domain/srtAddress.ts';

describe('SRT addresses', () => {
  it.each([
    ['srt://cam:9000', { url: 'srt://cam:9000' }],
    ['srt://10.0.0.1:9000/', { url: 'srt://10.0.0.1:9000' }],
    [
      'srt://0.0.0.0:9000?mode=listener&passphrase=ten%20letters&latency=500&streamid=door',
      {
        url: 'srt://0.0.0.0:9000',
        role: 'listener',
        password: 'ten letters',
        latencyMs: 500,
        streamId: 'door',
      },
    ],
  ])('%s', (text, said) => {
    expect(parseSrtAddress(text)).toEqual(said);
  });

  it.each([
    'srt://cam',
    'srt://cam:9000?mode=rendezvous',
    'srt://cam:9000?latency=1',
    'srt://cam:9000?pkt_size=9',
    'srt://a:b@cam:9000',
    'rtmp://cam:9000',
    'srt://',
  ])('%s is none', (text) => {
    expect(() => parseSrtAddress(text, 'source.url')).toThrow(
      expect.objectContaining({ kind: 'invalid', field: 'source.url' }),
    );
  });
});

it('a port that no scheme has by itself has to be given', () => {
  expect(parseAddress('udp://239.1.1.7:5000', 'url', SCHEMES_OF.udp)).toMatchObject({
    host: '239.1.1.7',
    port: 5000,
  });
  expect(() => parseAddress('udp://239.1.1.7', 'url', SCHEMES_OF.udp)).toThrow(/has no port/);
});

describe('paths inside a folder', () => {
  it.each([
    ['a.mp4', 'a.mp4'],
    ['./a//b/c.ts', 'a/b/c.ts'],
  ])('%s', (given, path) => {
    expect(innerPath(given, 'path')).toBe(path);
  });

  it.each(['/etc/passwd', '../x', 'a/../../x', '', '.', '/', 'a\\b', 'a\0b'])(
    '%j leaves it or is none',
    (given) => {
      expect(() => innerPath(given, 'source.path')).toThrow(
        expect.objectContaining({ kind: 'invalid', field: 'source.path' }),
      );
    },
  );

  it('never lead out, whatever is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', 'a', ' ', '~') }), (given) => {
        try {
          const path = innerPath(given, 'path');
          expect(path.startsWith('/') || path.split('/').includes('..')).toBe(false);
        } catch (thrown) {
          expect(thrown).toMatchObject({ kind: 'invalid' });
        }
      }),
    );
  });
});

describe('what is encoded', () => {
  const hd: StreamFormat = { video: { codec: 'h265', width: 1920, height: 1080, fps: 25 }, audio: null };

  it('stays as it is without need', () => {
    expect(encodedFormat(hd, null)).toBe(hd);
  });

  it.each([
    [{ width: 640 }, { width: 640, height: 360, fps: 25 }],
    [
      { height: 100, fps: 5 },
      { width: 178, height: 100, fps: 5 },
    ],
    [
      { width: 3840, fps: 60 },
      { width: 1920, height: 1080, fps: 25 },
    ],
    [{ width: 16 }, { width: 16, height: 16, fps: 25 }],
  ])('keeps within %j', (limits, expected) => {
    expect(encodedFormat(hd, { ...PLAIN_ENCODE, ...limits }).video).toEqual({
      codec: 'h264',
      encodedFrom: 'video/x-h265',
      ...expected,
    });
  });
});
