/** Which encoder is chosen, by trials that are made up and by trials that are real. */
import { describe, expect, it } from 'vitest';
import { ENCODER_NAMES } from '../../src/domain/encode.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { ENCODERS } from '../../src/media/encoderList.ts';
import { Encoders, tryEncoder } from '../../src/media/encoders.ts';
import { startGst } from '../../src/media/gst.ts';

startGst(REQUIRED_ELEMENTS);

/** A machine on which only these encoders work. */
function machine(...working: readonly string[]) {
  const tried: string[] = [];
  const trial = async ({ name }: { readonly name: string }) => {
    tried.push(name);
    return working.includes(name) ? null : 'No such hardware.';
  };
  return { tried, trial };
}

describe('the choice', () => {
  it('is the first that works, and nothing is tried twice', async () => {
    const { tried, trial } = machine('vah264enc', 'x264enc');
    const encoders = new Encoders(null, trial);
    expect((await encoders.choose())?.name).toBe('vah264enc');
    expect((await encoders.choose())?.name).toBe('vah264enc');
    expect(tried).toEqual(['nvh264enc', 'nvv4l2h264enc', 'omxh264enc', 'vah264enc']);
  });

  it('is the next one when one fails at work', async () => {
    const encoders = new Encoders(null, machine('vah264enc', 'x264enc').trial);
    await encoders.choose();
    encoders.failed('vah264enc', 'The device was lost.');
    expect((await encoders.choose())?.name).toBe('x264enc');
    expect(await encoders.report()).toContainEqual({
      name: 'vah264enc',
      says: 'VA-API',
      state: 'passed-over',
      reason: 'It failed at work: The device was lost.',
    });
  });

  it('is what is forced, or none', async () => {
    const { trial } = machine('vah264enc');
    expect((await new Encoders('vah264enc', trial).choose())?.name).toBe('vah264enc');
    const forced = new Encoders('x264enc', trial);
    expect(await forced.choose()).toBeNull();
    const report = await forced.report();
    expect(report.map(({ name }) => name)).toEqual([...ENCODER_NAMES]);
    expect(report.find(({ name }) => name === 'x264enc')).toMatchObject({ reason: 'No such hardware.' });
    expect(report.find(({ name }) => name === 'vah264enc')).toMatchObject({ reason: 'Another one is set.' });
  });

  it('is made anew when none is left: a machine that was too busy for the trials may not be any more', async () => {
    let busy = true;
    const encoders = new Encoders(null, async ({ name }) =>
      name === 'x264enc' && !busy ? null : 'It gave nothing in 5 s.',
    );
    expect(await encoders.choose()).toBeNull();
    busy = false;
    expect((await encoders.choose())?.name).toBe('x264enc');
    encoders.failed('x264enc', 'It was a bad moment.');
    expect(await encoders.choose()).toBeNull();
    expect((await encoders.choose())?.name).toBe('x264enc');
  });

  it('tries one at a time, however many ask', async () => {
    let running = 0;
    let most = 0;
    const encoders = new Encoders(null, async ({ name }) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return name === 'x264enc' ? null : 'No.';
    });
    const chosen = await Promise.all([encoders.choose(), encoders.choose(), encoders.report()]);
    expect(most).toBe(1);
    expect(chosen[0]).toBe(chosen[1]);
  });
});

describe('a trial run', () => {
  it.each(['x264enc', 'openh264enc'])('of %s encodes', async (name) => {
    const kind = ENCODERS.find((encoder) => encoder.name === name);
    expect(kind && (await tryEncoder(kind))).toBeNull();
  });

  it.each(ENCODERS)('of $name tells a verdict within its limit', async (kind) => {
    const started = performance.now();
    const verdict = await tryEncoder(kind);
    expect(performance.now() - started).toBeLessThan(6_500);
    if (verdict !== null) expect(verdict).toMatch(/\w+.*[.)]$/s);
  });
});
