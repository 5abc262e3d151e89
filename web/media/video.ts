/** Video elements: few, used again and again, because browsers free their decoders late. */

/** `play()` may reject, and may never settle; after so long it is taken to be blocked. */
const PLAY_LIMIT_MS = 4_000;
const MOST_IDLE = 16;

const idle: HTMLVideoElement[] = [];

/** A muted element that plays inline and is not in the document. */
export function takeVideo(): HTMLVideoElement {
  const video = idle.pop() ?? document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  // Without this an iPhone gives no ManagedMediaSource.
  video.disableRemotePlayback = true;
  video.preload = 'auto';
  video.playbackRate = 1;
  return video;
}

/** Takes the element out of the document, frees what it holds, and keeps it for the next who wants one. */
export function releaseVideo(video: HTMLVideoElement): void {
  emptyVideo(video);
  video.remove();
  if (idle.length < MOST_IDLE) idle.push(video);
}

/** Frees decoder and buffers: the way the HTML standard recommends. */
export function emptyVideo(video: HTMLVideoElement): void {
  video.pause();
  video.removeAttribute('src');
  video.load();
}

/** Plays, and tells whether it does. False: the browser wants a click of its user first. */
export async function tryToPlay(video: HTMLVideoElement): Promise<boolean> {
  const limit = new Promise<boolean>((resolve) => {
    window.setTimeout(() => resolve(!video.paused), PLAY_LIMIT_MS);
  });
  const played = video.play().then(
    () => true,
    // What interrupts a play is another load, not a refusal.
    (error: unknown) => !(error instanceof DOMException && error.name === 'NotAllowedError'),
  );
  return await Promise.race([played, limit]);
}

/** Constructor of media sources, if this browser has any. */
export const MediaSourceClass: typeof MediaSource | undefined =
  globalThis.ManagedMediaSource ?? globalThis.MediaSource;

/** Whether this browser decodes these codecs (RFC 6381) out of MP4. */
export function canDecode(codecs: string): boolean {
  return MediaSourceClass?.isTypeSupported(mp4Type(codecs)) ?? false;
}

export function mp4Type(codecs: string): string {
  return `video/mp4; codecs="${codecs}"`;
}
