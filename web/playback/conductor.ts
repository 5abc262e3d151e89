/** Drives the pictures of the playback screen by the master clock, and tells the model where they are. */
import { effect, signal, untracked } from '@preact/signals';
import { exactNow } from '../core/clock.ts';
import { gapMode } from '../core/preferences.ts';
import type { ArchivePlayer } from './archivePlayer.ts';
import { correctionOf, nextMoment } from './masterClock.ts';
import { cameraIds, follow, jumps, muted, playhead, playing, rate } from './model.ts';

const TICK_MS = 50;
/** One picture that does not come must not hold up the others for ever. */
const PATIENCE_MS = 6_000;
/** The newest footage takes so long to be listed; until then the last picture stands. */
const EDGE_MS = 30_000;

/** A picture, as far as it is driven. */
type Driven = Pick<
  ArchivePlayer,
  'state' | 'show' | 'reach' | 'covers' | 'nextAfter' | 'moment' | 'settled' | 'run' | 'hold'
>;

interface Part {
  readonly player: Driven;
  readonly video: HTMLVideoElement;
}

const parts = signal<ReadonlyMap<string, Part>>(new Map());

/** Puts a picture under the clock until the function given back is called. */
export function conduct(camera: string, player: Driven, video: HTMLVideoElement): () => void {
  parts.value = new Map(parts.peek()).set(camera, { player, video });
  player.show(playhead.peek());
  return () => {
    const rest = new Map(parts.peek());
    rest.delete(camera);
    parts.value = rest;
  };
}

/** The picture of the first camera on show and its own moment, for snapshots; null while what is seen is of another. */
export function leadPicture(): { readonly video: HTMLVideoElement; readonly ms: number } | null {
  const [lead] = inOrder();
  const ms = lead?.player.moment() ?? null;
  return lead === undefined || ms === null ? null : { video: lead.video, ms };
}

/** Runs until the function given back is called. */
export function startConductor(): () => void {
  let before = performance.now();
  let waitingSince = before;
  const timer = window.setInterval(() => {
    const now = performance.now();
    const elapsed = (now - before) * rate.peek();
    before = now;
    if (!playing.peek()) {
      waitingSince = now;
      return lookAgain();
    }
    const at = step(elapsed, now - waitingSince < PATIENCE_MS);
    if (at !== playhead.peek() || inOrder().length === 0) waitingSince = now;
    if (at !== playhead.peek()) follow(at);
    for (const { player } of inOrder()) correct(player, at);
  }, TICK_MS);
  const stops = [effect(showWhereWePut), effect(stopWhenPaused), effect(soundOfTheFirst)];
  return () => {
    window.clearInterval(timer);
    for (const stop of stops) stop();
  };
}

/** What has just happened may be listed by now. */
function lookAgain(): void {
  const at = playhead.peek();
  if (exactNow() - at > 2 * EDGE_MS) return;
  for (const { player } of inOrder()) if (player.state.peek().kind === 'empty') player.reach(at);
}

function step(elapsedMs: number, patient: boolean): number {
  const players = inOrder().map(({ player }) => player);
  const at = playhead.peek();
  for (const player of players) player.reach(at);
  return nextMoment(at, elapsedMs, gapMode.peek(), players, patient);
}

function correct(player: Driven, at: number): void {
  const covered = player.covers(at);
  if (covered === null) return;
  const correction = correctionOf(player.moment(), at, rate.peek());
  if (!covered) player.hold(exactNow() - at > EDGE_MS);
  else if (player.state.peek().kind === 'empty' || correction.kind === 'jump') player.show(at);
  else if (correction.kind === 'run') player.run(correction.rate);
  else player.hold();
}

function showWhereWePut(): void {
  jumps.value;
  const players = parts.value;
  untracked(() => {
    for (const { player } of players.values()) player.show(playhead.value);
  });
}

function stopWhenPaused(): void {
  if (playing.value) return;
  for (const { player } of parts.peek().values()) player.hold();
}

/** Several voices at once are none. */
function soundOfTheFirst(): void {
  const [first] = cameraIds.value;
  for (const [camera, { video }] of parts.value) video.muted = muted.value || camera !== first;
}

function inOrder(): readonly Part[] {
  return cameraIds.peek().flatMap((camera) => parts.peek().get(camera) ?? []);
}
