/** What TypeScript cannot find out by itself: the light build of hls.js, style sheets, and a young browser API. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}

declare module '*.css';

/** Safari on iPhone has this one alone. */
declare var ManagedMediaSource: typeof MediaSource | undefined;
