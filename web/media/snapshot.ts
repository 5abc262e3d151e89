/** Saves what a video element shows as a JPEG file. */

/** @param name of the file, without its ending */
export function saveSnapshot(video: HTMLVideoElement, name: string): void {
  if (video.videoWidth === 0) return;
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  canvas.toBlob(
    (blob) => {
      if (blob) saveBlob(blob, `${name}.jpg`);
    },
    'image/jpeg',
    0.92,
  );
}

/** Camera and local time with its offset, as a file may be called everywhere: `front-door 2026-03-29 021503 +0100`. */
export function fileName(camera: string, ms: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(ms);
  const offset = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(ms)
    .find(({ type }) => type === 'timeZoneName')?.value;
  return `${camera} ${parts} ${(offset ?? '').replace('GMT', '') || '+00:00'}`.replaceAll(':', '');
}

/** Gives the browser a file to save. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
