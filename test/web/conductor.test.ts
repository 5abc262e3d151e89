/** What drives the pictures of playback: when it waits for them, and what it takes for the picture on show. */
import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

type Conductor = typeof import('../../web/playback/conductor.ts');
type Model = typeof import('../../web/playback/model.ts');
type Driven = Parameters<Conductor['conduct']>[1];

const NOW = 1_800_000_000_000;
const BEGIN = NOW - 3_600_000;

let conductor: Conductor;
let model: Model;
let stop: () => void = () => undefined;

/** A picture of which this is known. */
function picture(known: Partial<Driven>): Driven {
  return {
    state: signal({ kind: 'ready' } as const),
    show: () => undefined,
    reach: () => undefined,
    covers: () => null,
    nextAfter: () => null,
    moment: () => null,
    settled: () => false,
    run: () => undefined,
    hold: () => undefined,
    ...known,
  };
}

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW });
  const page = { documentElement: { setAttribute: () => undefined }, addEventListener: () => undefined };
  vi.stubGlobal('document', page);
  vi.stubGlobal('navigator', { language: 'en', languages: ['en'] });
  vi.stubGlobal('window', {
    location: { href: `http://recorder/play?cam=door,yard&t=${BEGIN}` },
    history: { replaceState: () => undefined, pushState: () => undefined },
    setInterval,
    clearInterval,
    setTimeout,
    clearTimeout,
  });
  conductor = await import('../../web/playback/conductor.ts');
  model = await import('../../web/playback/model.ts');
  model.playhead.value = BEGIN;
  stop = conductor.startConductor();
});

afterEach(() => {
  stop();
  model.playing.value = false;
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('after a long pause as well, no footage is leapt over because its list is still on its way', () => {
  const ends = [
    conductor.conduct(
      'door',
      picture({ covers: () => false, nextAfter: () => BEGIN + 60_000 }),
      Object.create(null),
    ),
    conductor.conduct('yard', picture({}), Object.create(null)),
  ];
  vi.advanceTimersByTime(60_000);
  model.playing.value = true;
  vi.advanceTimersByTime(500);
  expect(model.playhead.value).toBe(BEGIN);
  for (const end of ends) end();
});

test('the picture that can be saved is the one on show, by its own moment, and in a gap there is none', () => {
  const video = Object.create(null);
  let moment: number | null = BEGIN + 123;
  const end = conductor.conduct('door', picture({ covers: () => true, moment: () => moment }), video);
  expect(conductor.leadPicture()).toEqual({ video, ms: BEGIN + 123 });
  moment = null;
  expect(conductor.leadPicture()).toBeNull();
  end();
});
