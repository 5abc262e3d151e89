// @ts-nocheck It runs in the page, whose globals the compiler of this program does not know.
/**
 * Runs in the page: reads the time code of the first picture that each video shows, and of five a second from then on,
 * and notes when it was shown. Which camera a video is of says its own `data-camera`, or the text around it.
 */
(() => {
  const BITS = 10;
  const CELL = 10;
  /** Reading pictures back takes the page time that its players need: each video is looked at now and then. */
  const LOOK_EVERY_MS = 200;
  const seen = [];
  const asked = {};
  const known = new WeakSet();
  const canvas = document.createElement('canvas');
  canvas.width = BITS * CELL;
  canvas.height = CELL;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  globalThis.pictures = { seen, asked };

  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (message) {
    const said = typeof message === 'string' ? JSON.parse(message) : {};
    if (said.type === 'subscribe') asked[said.camera] ??= performance.now();
    send.call(this, message);
  };

  function cameraOf(video) {
    for (let at = video; at !== null; at = at.parentElement) {
      const name = at.dataset.camera ?? /cam-\d\d/.exec(at.textContent)?.[0];
      if (name !== undefined) return name;
    }
  }

  /** The blocks along the top edge: white is 1, the lowest bit first. */
  function indexOf(video) {
    context.drawImage(video, 0, 0, video.videoWidth / 2, video.videoHeight / 12, 0, 0, canvas.width, CELL);
    const { data } = context.getImageData(0, CELL / 2, canvas.width, 1);
    let index = 0;
    for (let bit = 0; bit < BITS; bit++) if (data[(bit * CELL + CELL / 2) * 4] > 128) index += 2 ** bit;
    return index;
  }

  function follow(video) {
    known.add(video);
    let lookedMs = Number.NEGATIVE_INFINITY;
    const look = (now, { expectedDisplayTime }) => {
      const camera = now - lookedMs < LOOK_EVERY_MS ? undefined : cameraOf(video);
      if (camera !== undefined) {
        lookedMs = now;
        if (video.dataset.asked !== undefined) asked[camera] ??= Number(video.dataset.asked);
        const shown = Math.max(now, expectedDisplayTime);
        seen.push([camera, indexOf(video), performance.timeOrigin + shown, shown - asked[camera]]);
      }
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }

  setInterval(() => {
    for (const video of document.querySelectorAll('video')) if (!known.has(video)) follow(video);
  }, 5);
})();
