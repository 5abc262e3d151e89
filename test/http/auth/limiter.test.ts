import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { LoginLimiter } from '../../../src/http/auth/limiter.ts';

const MINUTE_MS = 60_000;
let now: number;
let limiter: LoginLimiter;
beforeEach(() => {
  now = 1_000;
  limiter = new LoginLimiter(() => now);
});

function fail(times: number, name: string, address: string): void {
  for (let index = 0; index < times; index++) limiter.failed(name, address);
}

describe('guessing', () => {
  it('waits twice as long after each failure beyond the free ones, a minute at most', () => {
    const waits = Array.from({ length: 13 }, () => {
      limiter.failed('admin', '192.0.2.1');
      return limiter.waitMs('admin', '192.0.2.1');
    });
    expect(waits).toEqual([
      0,
      0,
      0,
      0,
      1_000,
      2_000,
      4_000,
      8_000,
      16_000,
      32_000,
      MINUTE_MS,
      MINUTE_MS,
      MINUTE_MS,
    ]);
    now += MINUTE_MS - 1;
    expect(limiter.waitMs('admin', '192.0.2.1')).toBe(1);
    now += 1;
    expect(limiter.waitMs('admin', '192.0.2.1')).toBe(0);
  });

  it('of many names from one address is held up for every name', () => {
    for (let index = 0; index < 20; index++) limiter.failed(`user${index}`, '192.0.2.1');
    expect(limiter.waitMs('somebody', '192.0.2.1')).toBe(1_000);
    expect(limiter.waitMs('somebody', '192.0.2.2')).toBe(0);
  });

  it('of one name from many addresses is held up for strangers', () => {
    for (let index = 0; index < 50; index++) limiter.failed('admin', `192.0.2.${index}`);
    expect(limiter.waitMs('admin', '198.51.100.1')).toBe(1_000);
    expect(limiter.waitMs('ADMIN', '198.51.100.1')).toBe(1_000);
    expect(limiter.waitMs('other', '198.51.100.1')).toBe(0);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
    ['2001:db8::1', '2001:db8:0:0:5::1', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ])('from %s holds up %s: %s', (from, other, held) => {
    fail(30, 'admin', from);
    expect(limiter.waitMs('admin', other) > 0).toBe(held);
  });

  it('is forgotten after a quarter of an hour', () => {
    fail(12, 'admin', '192.0.2.1');
    now += 15 * MINUTE_MS + 1;
    fail(4, 'admin', '192.0.2.1');
    expect(limiter.waitMs('admin', '192.0.2.1')).toBe(0);
  });

  it('is forgiven by the right password', () => {
    fail(4, 'admin', '192.0.2.1');
    limiter.succeeded('admin', '192.0.2.1');
    fail(4, 'admin', '192.0.2.1');
    expect(limiter.waitMs('admin', '192.0.2.1')).toBe(0);
  });
});

describe('nobody is locked out', () => {
  it('who has logged in from an address before, by anybody at that address or elsewhere', () => {
    limiter.succeeded('owner', '192.0.2.1');
    for (let index = 0; index < 200; index++) {
      limiter.failed('owner', `198.51.100.${index}`);
      limiter.failed(`guess${index}`, '192.0.2.1');
    }
    expect(limiter.waitMs('owner', '192.0.2.1')).toBe(0);
    expect(limiter.waitMs('stranger', '192.0.2.1')).toBe(MINUTE_MS);
  });

  it('for longer than a minute, whatever happened', () => {
    const word = fc.constantFrom('a', 'b', 'c');
    const step = fc.record({ name: word, address: word, right: fc.boolean(), afterMs: fc.nat(2_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const tried = new LoginLimiter(() => now);
        for (const { name, address, right, afterMs } of steps) {
          if (right) tried.succeeded(name, address);
          else tried.failed(name, address);
          expect(tried.waitMs(name, address)).toBeLessThanOrEqual(MINUTE_MS);
          now += afterMs;
        }
      }),
    );
  });
});
