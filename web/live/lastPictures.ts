/** The last picture seen of each camera, small, to be shown dimmed while the next one is on its way. */

const WIDTH = 480;

const pictures = new Map<string, HTMLCanvasElement>();

/** Keeps what the element shows now. */
export function keepPicture(camera: string, video: HTMLVideoElement): void {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return;
  const canvas = pictures.get(camera) ?? document.createElement('canvas');
  canvas.className = 'last-picture';
  canvas.width = WIDTH;
  canvas.height = Math.round((WIDTH * video.videoHeight) / video.videoWidth);
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  pictures.set(camera, canvas);
}

export function lastPicture(camera: string): HTMLCanvasElement | null {
  return pictures.get(camera) ?? null;
}
