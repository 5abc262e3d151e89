/**
 * The recorder's events as they happen, over one WebSocket that is open while anybody listens. Who listens is told
 * that something happened, and asks for what it shows: so nothing is missed while the socket was away.
 */
import { useEffect } from 'preact/hooks';
import { apiUrl } from './api.ts';
import { type Resource, useResource } from './resource.ts';

/** Many events in a moment are one reason to look. */
const GATHER_MS = 300;
/** Without the socket the pages are asked this often, and the socket is tried again. */
const RETRY_MS = 5_000;
/** And with it now and then: a socket may be dead without a word. */
const LOOK_MS = 30_000;

type Listener = () => void;

const listeners = new Set<Listener>();
let socket: WebSocket | null = null;
let retry: number | undefined;
let gathering: number | null = null;

/** Calls after something has happened, until the function given back is called. */
export function onEvents(listener: Listener): () => void {
  listeners.add(listener);
  connect();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) close();
  };
}

/** A resource that is asked for again whenever something has happened. */
export function useLiveResource<T>(path: string): Resource<T> {
  const resource = useResource<T>(path, LOOK_MS);
  useEffect(() => onEvents(() => void resource.reload()), [path]);
  return resource;
}

function connect(): void {
  if (socket) return;
  window.clearTimeout(retry);
  const opened = new WebSocket(
    apiUrl('/events/live').replace(/^/, window.location.origin.replace(/^http/, 'ws')),
  );
  socket = opened;
  // The greeting counts as well: what happened until then was not told.
  opened.addEventListener('message', tell);
  opened.addEventListener('close', () => {
    if (socket !== opened) return;
    socket = null;
    retry = window.setTimeout(() => {
      tell();
      connect();
    }, RETRY_MS);
  });
}

function tell(): void {
  if (gathering !== null) return;
  gathering = window.setTimeout(() => {
    gathering = null;
    for (const listener of listeners) listener();
  }, GATHER_MS);
}

function close(): void {
  window.clearTimeout(retry);
  const last = socket;
  socket = null;
  last?.close();
}
