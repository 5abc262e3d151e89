/**
 * The one WebSocket over which all live streams come. It opens when somebody subscribes, closes when nobody does or
 * the page has been hidden for a while, and comes back by itself. Who subscribes stays subscribed through all that.
 */
import { signal } from '@preact/signals';
import { apiUrl } from '../core/api.ts';
import { type LiveFrame, readFrame } from './frames.ts';

/** Which of a camera's streams. */
export type StreamName = 'main' | 'sub';

/** Whoever plays a stream. */
export interface LiveSink {
  /** Media of a new run follows: its codecs as RFC 6381 names them. */
  init(codecs: string, frame: LiveFrame): void;
  fragment(frame: LiveFrame): void;
  /** Nothing comes any more until the next `init`. */
  lost(): void;
}

type ServerMessage =
  | {
      readonly type: 'subscribed';
      readonly camera: string;
      readonly stream?: StreamName;
      readonly channel: number;
    }
  | { readonly type: 'init'; readonly channel: number; readonly runId: string; readonly codecs: string }
  | { readonly type: 'skipped' | 'ended'; readonly channel: number }
  | {
      readonly type: 'error';
      readonly camera: string;
      readonly stream?: StreamName;
      readonly detail: string;
    };

interface Subscription {
  readonly camera: string;
  /** A camera that gives no small stream after all gives its main one. */
  stream: StreamName;
  readonly sink: LiveSink;
  channel: number | null;
  codecs: string;
}

const HIDDEN_MS = 5_000;
const SHORTEST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 8_000;
/** Asks again for a stream that the recorder did not have a moment ago. */
const ASK_AGAIN_MS = 2_000;
/** A connection on which a question stays without any answer for so long is dead, whatever its state says. */
const ANSWER_MS = 10_000;
/** So many attempts bring nothing before it is taken that there is no such socket here, and another way is used. */
const MOST_FIRST_ATTEMPTS = 2;
/** After so long it is looked whether there is one by now, then each time after twice as long, up to a minute. */
const FIRST_LOOK_MS = 5_000;
const LONGEST_LOOK_MS = 60_000;

/** Whether live media has to come another way: a proxy in between that lets no WebSocket through, say. */
export const socketUnavailable = signal(false, {
  watched: () => {
    isAwaited = true;
    lookMs = FIRST_LOOK_MS;
    lookLater();
  },
  unwatched: () => {
    isAwaited = false;
    window.clearTimeout(lookTimer);
  },
});

const subscriptions = new Set<Subscription>();
let socket: WebSocket | null = null;
let everHeard = false;
let attempts = 0;
let lookMs = FIRST_LOOK_MS;
/** Whether anything plays that would rather come over the socket. */
let isAwaited = false;
let retryTimer: number | undefined;
let hiddenTimer: number | undefined;
let answerTimer: number | undefined;
let lookTimer: number | undefined;

/** Subscribes to a stream of a camera; the function given back ends that. */
export function subscribeLive(camera: string, stream: StreamName, sink: LiveSink): () => void {
  const subscription: Subscription = { camera, stream, sink, channel: null, codecs: '' };
  subscriptions.add(subscription);
  if (socket?.readyState === WebSocket.OPEN) ask('subscribe', subscription);
  else connect();
  return () => {
    subscriptions.delete(subscription);
    if (socket?.readyState === WebSocket.OPEN && !shared(subscription)) ask('unsubscribe', subscription);
    if (subscriptions.size === 0) close();
  };
}

function connect(): void {
  if (socket || subscriptions.size === 0 || document.visibilityState === 'hidden') return;
  window.clearTimeout(retryTimer);
  const opened = openSocket();
  socket = opened;
  opened.binaryType = 'arraybuffer';
  expectAnswer(opened);
  opened.addEventListener('open', () => {
    window.clearTimeout(answerTimer);
    for (const subscription of subscriptions) ask('subscribe', subscription);
  });
  opened.addEventListener('message', ({ data }) => {
    if (socket === opened) window.clearTimeout(answerTimer);
    everHeard = true;
    attempts = 0;
    if (data instanceof ArrayBuffer) deliver(data);
    else if (typeof data === 'string') hear(JSON.parse(data));
  });
  opened.addEventListener('close', () => gone(opened));
}

function openSocket(): WebSocket {
  return new WebSocket(window.location.origin.replace(/^http/, 'ws') + apiUrl('/live'));
}

function expectAnswer(from: WebSocket): void {
  window.clearTimeout(answerTimer);
  answerTimer = window.setTimeout(() => {
    gone(from);
    from.close();
  }, ANSWER_MS);
}

function gone(lost: WebSocket): void {
  if (socket !== lost) return;
  window.clearTimeout(answerTimer);
  socket = null;
  loseAll();
  retry();
}

/** Staggered at random, so that a hundred pages do not come back in the same moment. */
function retry(): void {
  if (subscriptions.size === 0) return;
  attempts += 1;
  if (!everHeard && attempts >= MOST_FIRST_ATTEMPTS) {
    socketUnavailable.value = true;
    lookLater();
    return;
  }
  const longest = Math.min(LONGEST_RETRY_MS, SHORTEST_RETRY_MS * 2 ** attempts);
  retryTimer = window.setTimeout(connect, longest * (0.5 + Math.random() / 2));
}

/** It may have been the recorder that was starting, or a proxy that is put right. Who plays another way goes on. */
function lookLater(): void {
  window.clearTimeout(lookTimer);
  if (!isAwaited || !socketUnavailable.peek()) return;
  lookTimer = window.setTimeout(() => {
    const trial = openSocket();
    trial.addEventListener('open', () => {
      attempts = 0;
      socketUnavailable.value = false;
      trial.close();
    });
    trial.addEventListener('close', lookLater);
  }, lookMs);
  lookMs = Math.min(LONGEST_LOOK_MS, lookMs * 2);
}

function close(): void {
  window.clearTimeout(retryTimer);
  window.clearTimeout(answerTimer);
  const closing = socket;
  socket = null;
  closing?.close();
  loseAll();
}

function loseAll(): void {
  for (const subscription of subscriptions) lose(subscription);
}

function lose(subscription: Subscription): void {
  subscription.channel = null;
  subscription.sink.lost();
}

function ask(type: 'subscribe' | 'unsubscribe', subscription: Subscription): void {
  socket?.send(JSON.stringify({ type, camera: subscription.camera, stream: subscription.stream }));
  if (socket && type === 'subscribe') expectAnswer(socket);
}

function hear(message: ServerMessage): void {
  switch (message.type) {
    case 'subscribed':
      for (const each of of(message.camera, message.stream ?? 'main')) each.channel = message.channel;
      return;
    case 'init':
      for (const each of on(message.channel)) each.codecs = message.codecs;
      return;
    case 'ended':
      for (const each of on(message.channel)) later(each);
      return;
    case 'error':
      for (const stream of ['main', 'sub'] as const) {
        for (const each of of(message.camera, stream)) if (each.channel === null) refused(each);
      }
      return;
    case 'skipped':
      // The hole in the media is seen by who plays it.
      return;
  }
}

function deliver(data: ArrayBuffer): void {
  const frame = readFrame(data);
  if (!frame) return;
  for (const each of on(frame.channel)) {
    if (frame.kind === 'init') each.sink.init(each.codecs, frame);
    else each.sink.fragment(frame);
  }
}

/** Without its small stream, the main one does as well. */
function refused(subscription: Subscription): void {
  subscription.stream = 'main';
  later(subscription);
}

function later(subscription: Subscription): void {
  lose(subscription);
  window.setTimeout(() => {
    const open = socket?.readyState === WebSocket.OPEN;
    if (open && subscriptions.has(subscription) && subscription.channel === null)
      ask('subscribe', subscription);
  }, ASK_AGAIN_MS);
}

/** Whether somebody else on this page plays the same. */
function shared({ camera, stream }: Subscription): boolean {
  return of(camera, stream).length > 0;
}

function of(camera: string, stream: StreamName): Subscription[] {
  return [...subscriptions].filter((each) => each.camera === camera && each.stream === stream);
}

function on(channel: number): Subscription[] {
  return [...subscriptions].filter((each) => each.channel === channel);
}

document.addEventListener('visibilitychange', () => {
  window.clearTimeout(hiddenTimer);
  if (document.visibilityState === 'hidden') hiddenTimer = window.setTimeout(close, HIDDEN_MS);
  else connect();
});
