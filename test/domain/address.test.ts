import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, redact } from '../../src/domain/address.ts';
import { NvrError } from '../../src/domain/errors.ts';

const ENCODED = /%[0-9a-f]{2}/i;
/** Any printable text. */
const printable = fc.string({ unit: 'grapheme' }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));

describe('parseAddress', () => {
  it.each([
    ['rtsp://192.168.0.10', { url: 'rtsp://192.168.0.10', scheme: 'rtsp', host: '192.168.0.10', port: 554 }],
    [
      'RTSPS://Cam.Local/A?b#c',
      { url: 'rtsps://cam.local/A?b#c', scheme: 'rtsps', host: 'cam.local', port: 322 },
    ],
    ['  rtsp://cam_1:8554/x\n', { url: 'rtsp://cam_1:8554/x', scheme: 'rtsp', host: 'cam_1', port: 8554 }],
    ['rtsp://[FE80::1]:554/x', { url: 'rtsp://[fe80::1]:554/x', scheme: 'rtsp', host: 'fe80::1', port: 554 }],
    [
      'rtsp://[::ffff:1.2.3.4]',
      { url: 'rtsp://[::ffff:1.2.3.4]', scheme: 'rtsp', host: '::ffff:1.2.3.4', port: 554 },
    ],
    ['rtsp://host/path@2x', { url: 'rtsp://host/path@2x', scheme: 'rtsp', host: 'host', port: 554 }],
    ['rtsp://@cam/x', { url: 'rtsp://cam/x', scheme: 'rtsp', host: 'cam', port: 554 }],
  ])('reads %j', (text, expected) => {
    expect(parseAddress(text)).toEqual(expected);
  });

  it.each([
    ['rtsp://admin@cam/x', 'rtsp://cam/x', 'admin', undefined],
    ['rtsp://admin:@cam/x', 'rtsp://cam/x', 'admin', ''],
    ['rtsp://:secret@cam/x', 'rtsp://cam/x', '', 'secret'],
    ['rtsp://admin:a:b@cam:88/x', 'rtsp://cam:88/x', 'admin', 'a:b'],
    ['rtsp://ad%3Amin:p%40ss@cam', 'rtsp://cam', 'ad:min', 'p@ss'],
    ['rtsp://admin:%EB%B9%84%EB%B0%80@cam', 'rtsp://cam', 'admin', '비밀'],
    // What was never encoded.
    ['rtsp://admin:p@ss@cam/x', 'rtsp://cam/x', 'admin', 'p@ss'],
    ['rtsp://user:p/a@host/path', 'rtsp://host/path', 'user', 'p/a'],
    [
      'rtsp://admin:p@ss#w%rd:/"x@192.168.0.10:554/path?x=1#y',
      'rtsp://192.168.0.10:554/path?x=1#y',
      'admin',
      'p@ss#w%rd:/"x',
    ],
    ['rtsp://admin:비밀@#%/"!@10.0.0.2/ch1', 'rtsp://10.0.0.2/ch1', 'admin', '비밀@#%/"!'],
    ['rtsp://admin:my pass@cam/x', 'rtsp://cam/x', 'admin', 'my pass'],
    ['rtsp://admin:100%@cam', 'rtsp://cam', 'admin', '100%'],
    ['rtsp://admin:50%ff%00x@cam', 'rtsp://cam', 'admin', '50%ff%00x'],
    ['rtsp://admin:a%2541@cam', 'rtsp://cam', 'admin', 'a%41'],
    // Two readings: an IP address is what was meant, else the standard's reading.
    ['rtsp://a:p@x/y@10.0.0.1/', 'rtsp://10.0.0.1/', 'a', 'p@x/y'],
    ['rtsp://admin:12/3@10.0.0.1/x', 'rtsp://10.0.0.1/x', 'admin', '12/3'],
    ['rtsp://a:p@cam/y@2x', 'rtsp://cam/y@2x', 'a', 'p'],
    ['rtsp://a:p@10.0.0.1/y?mail=b@c.org', 'rtsp://10.0.0.1/y?mail=b@c.org', 'a', 'p'],
    ['rtsp://a:p@[::1]/y@10.0.0.1/', 'rtsp://[::1]/y@10.0.0.1/', 'a', 'p'],
  ])('takes the credentials out of %j', (text, url, username, password) => {
    const address = parseAddress(text);
    expect([address.url, address.username, address.password]).toEqual([url, username, password]);
  });

  it.each([
    ['', 'scheme'],
    ['cam.local/x', 'scheme'],
    ['http://cam/x', 'http, which is not one of rtsp, rtsps'],
    ['__proto__://cam/x', 'scheme'],
    ['constructor://cam/x', 'constructor'],
    ['rtsp://', 'no host'],
    ['rtsp:///x', 'no host'],
    ['rtsp://:554/x', 'no host'],
    ['rtsp://admin:secret@/x', 'no host'],
    ['rtsp://ca m/x', 'neither a name nor an IP'],
    ['rtsp://-cam/x', 'neither a name nor an IP'],
    ['rtsp://cam..local/x', 'neither a name nor an IP'],
    ['rtsp://1.2.3/x', 'neither a name nor an IP'],
    ['rtsp://1.2.3.256/x', 'neither a name nor an IP'],
    ['rtsp://01.2.3.4/x', 'neither a name nor an IP'],
    ['rtsp://[::1/x', 'neither a name nor an IP'],
    ['rtsp://[1:2]/x', 'neither a name nor an IP'],
    ['rtsp://[::1]x/x', 'neither a name nor an IP'],
    [`rtsp://${'a'.repeat(64)}/x`, 'neither a name nor an IP'],
    ['rtsp://cam:/x', 'port'],
    ['rtsp://cam:0/x', 'port'],
    ['rtsp://cam:65536/x', 'port'],
    ['rtsp://cam:-1/x', 'port'],
    ['rtsp://cam:5 54/x', 'port'],
    ['rtsp://cam/a b', 'blanks'],
    ['rtsp://cam/a"b', 'quotes'],
    ["rtsp://cam/a'b", 'quotes'],
    ['rtsp://cam/a ! filesink', 'exclamation'],
    ['rtsp://cam/a\u3000b', 'blanks'],
    ['rtsp://cam/a\nb', 'control'],
    ['rtsp://ad\0min:x@cam/', 'control'],
    ['rtsp://cam/\ud800', 'control'],
    [`rtsp://cam/${'x'.repeat(2048)}`, 'longer than 2048'],
  ])('refuses %j', (text, why) => {
    expect(() => parseAddress(text, 'source.url')).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        field: 'source.url',
        message: expect.stringContaining(why),
      }),
    );
  });

  it('takes the schemes it is given', () => {
    expect(parseAddress('rtmp://cam/live', 'url', { rtmp: 1935 }).port).toBe(1935);
    expect(() => parseAddress('rtsp://cam/live', 'url', { rtmp: 1935 })).toThrow('not one of rtmp');
  });

  it('gives back any credentials that were percent-encoded', () => {
    fc.assert(
      fc.property(printable, printable, (username, password) => {
        const text = `rtsp://${encodeURIComponent(username)}:${encodeURIComponent(password)}@cam.local/a@b`;
        fc.pre(text.length <= 2048);
        const address = parseAddress(text);
        expect(address.username).toBe(username);
        expect(address.password).toBe(password);
        expect(address.url).toBe('rtsp://cam.local/a@b');
      }),
    );
  });

  it('gives back any password that was not, in front of an IP address', () => {
    const nasty = fc.string({ unit: fc.constantFrom(...'@#%:/"\'!? &=a1비') });
    fc.assert(
      fc.property(fc.oneof(nasty, printable), (password) => {
        fc.pre(!ENCODED.test(password));
        const address = parseAddress(`rtsp://admin:${password}@192.168.0.10:554/path?x=1#y`);
        expect(address.username).toBe('admin');
        expect(address.password).toBe(password);
        expect(address.url).toBe('rtsp://192.168.0.10:554/path?x=1#y');
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives an address that is read as itself, or refuses with an NvrError that holds no password', () => {
    const parts = fc.constantFrom(
      'rtsp://',
      'rtsps:',
      '//',
      'host',
      '@',
      ':',
      '/',
      '?',
      '#',
      '[',
      ']',
      '::1',
      '%41',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.oneof(parts, fc.string({ unit: 'binary', maxLength: 4 })))
        .map((all) => `rtsp://${all.join('')}`),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          const address = parseAddress(given);
          expect(address.url).not.toMatch(/[\s"'`!\p{Cc}\p{Cs}]/u);
          expect(parseAddress(address.url)).toMatchObject({ host: address.host, port: address.port });
        } catch (error) {
          expect(error).toBeInstanceOf(NvrError);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(() => parseAddress('rtsp://admin:hunter2')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});

describe('redact', () => {
  it.each([
    ['nothing to hide', 'nothing to hide'],
    ['rtsp://cam/x', 'rtsp://cam/x'],
    ['rtsp://admin:p@ss#w%rd:/"x@192.168.0.10:554/y', 'rtsp://***@192.168.0.10:554/y'],
    ['open rtsp://a:b c@cam/x failed', 'open rtsp://***@cam/x failed'],
    ['rtsp://a:b@cam/x -> rtsp://c:d@cam/y', 'rtsp://***@cam/x -> rtsp://***@cam/y'],
    ['{"url":"RTSP://a:b@cam/x","to":"http://c@d/"}', '{"url":"RTSP://***@cam/x","to":"http://***@d/"}'],
    ['a:rtsp://a:b@cam\nrtsp://c:d@e', 'a:rtsp://***@cam\nrtsp://***@e'],
    ['http://cam/get?user=a&password=b&c=d', 'http://cam/get?user=a&password=***&c=d'],
    ['rtsp://cam/user=a_password=b', 'rtsp://cam/user=a_password=***'],
  ])('turns %j into %j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it('leaves nothing of any credentials', () => {
    fc.assert(
      fc.property(printable, printable, (before, password) => {
        const redacted = redact(`${before} rtsp://admin:<${password}>@10.0.0.1/x y`);
        expect(redacted).not.toContain('admin');
        expect(redacted.endsWith('***@10.0.0.1/x y')).toBe(true);
      }),
    );
  });

  // Quadratic time would take minutes here: the limit of a test is the bound.
  it.each([
    ['no address', 'a.b+c-'.repeat(50_000)],
    ['addresses without credentials', 'rtsp://a '.repeat(50_000)],
    ['addresses glued together', ':rtsp://'.repeat(200_000)],
    ['an @ before them', `@${':rtsp://'.repeat(200_000)}`],
  ])('gets through long text with %s', (_name, text) => {
    expect(redact(text) === text).toBe(true);
  });
});
