import { expect, it } from 'vitest';
import { StepWatch } from '../../src/domain/stepWatch.ts';
import { epochMs } from '../../src/domain/time.ts';

function watched() {
  const clock = { wallMs: 1_700_000_000_000, steadyMs: 5 };
  const watch = new StepWatch({ now: () => epochMs(clock.wallMs), monotonic: () => clock.steadyMs });
  const pass = (steadyMs: number, wallMs = steadyMs) => {
    clock.steadyMs += steadyMs;
    clock.wallMs += wallMs;
    return watch.look();
  };
  return { clock, pass };
}

it('sees steps in both directions, once each, and says what time it would have been', () => {
  const { clock, pass } = watched();
  const { wallMs } = clock;
  expect(pass(1_000)).toBeNull();
  expect(pass(1_000, 3_601_000)).toEqual({ fromMs: wallMs + 2_000, toMs: wallMs + 3_602_000 });
  expect(pass(1_000)).toBeNull();
  expect(pass(1_000, -86_399_000)).toEqual({ fromMs: wallMs + 3_604_000, toMs: wallMs - 82_796_000 });
  expect(pass(1_000)).toBeNull();
});

it('does not count a slow correction as a step, however far it leads', () => {
  const { pass } = watched();
  for (let second = 0; second < 100; second++) expect(pass(1_000, 1_400)).toBeNull();
});
