// @ts-nocheck It runs in the page, whose globals the compiler of this program does not know.
/**
 * Runs in the page: notes when each video shows its first picture, and from then on reads the time codes of pictures that
 * are shown, of one video after the other. Which camera a video is of says its own `data-camera`, or the text around it.
 *
 * Looking must cost next to nothing, or what is measured is the looking: the page is asked for one frame at a time, and of
 * that only the rows with the time code are copied, as they were decoded. (A canvas converts the whole picture: at nine
 * cameras that took two fifths of the page's time.)
 */
(() => {
  const BITS = 10;
  const LOOK_EVERY_MS = 50;
  const seen = [];
  const asked = {};
  const followed = [];
  const looking = new Set();
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
  async function indexOf(video) {
    const frame = new VideoFrame(video);
    const { x, y, width, height } = frame.visibleRect;
    const rect = { x, y: y + 2 * Math.floor(height / 48), width, height: 2 };
    const bytes = new Uint8Array(frame.allocationSize({ rect }));
    const [luma] = await frame.copyTo(bytes, { rect });
    frame.close();
    const cell = width / 2 / BITS;
    let index = 0;
    for (let bit = 0; bit < BITS; bit++) {
      if (bytes[luma.offset + Math.floor((bit + 0.5) * cell)] > 128) index += 2 ** bit;
    }
    return index;
  }

  /** The next picture that this video shows. */
  function look(video) {
    looking.add(video);
    video.requestVideoFrameCallback(async (now, { expectedDisplayTime }) => {
      looking.delete(video);
      const camera = cameraOf(video);
      if (camera === undefined) return;
      if (video.dataset.asked !== undefined) asked[camera] ??= Number(video.dataset.asked);
      const shown = Math.max(now, expectedDisplayTime);
      seen.push([camera, await indexOf(video), performance.timeOrigin + shown, shown - asked[camera]]);
    });
  }

  new MutationObserver(() => {
    for (const video of document.querySelectorAll('video')) {
      if (followed.includes(video)) continue;
      followed.push(video);
      look(video);
    }
  }).observe(document, { childList: true, subtree: true });

  let turn = 0;
  setInterval(() => {
    const video = followed[turn++ % followed.length];
    if (video !== undefined && !looking.has(video)) look(video);
  }, LOOK_EVERY_MS);
})();
