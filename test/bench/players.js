// @ts-nocheck It runs in the page, whose globals the compiler of this program does not know.
/** Runs in the page: watches any number of cameras over LL-HLS or WebRTC; the bench looks at its pictures. */
(() => {
  document.body.replaceChildren();
  const style = new CSSStyleSheet();
  style.replaceSync('video { width: 320px }');
  document.adoptedStyleSheets = [style];

  /** Begins to watch; each video says which camera it shows, and when it was asked for. */
  globalThis.watch = (transport, cameras) => {
    for (const camera of cameras) {
      const video = document.createElement('video');
      Object.assign(video, { muted: true, autoplay: true, playsInline: true });
      video.dataset.camera = camera;
      video.dataset.asked = String(performance.now());
      document.body.append(video);
      if (transport === 'll-hls') new hlsPlayer.HlsLivePlayer(camera, video);
      else void watchWhep(video, camera);
    }
  };

  async function watchWhep(video, camera) {
    const connection = new RTCPeerConnection();
    connection.ontrack = ({ track }) => {
      video.srcObject = new MediaStream([track]);
    };
    connection.addTransceiver('video', { direction: 'recvonly' });
    await connection.setLocalDescription();
    const answer = await fetch(`/api/v1/cameras/${camera}/whep`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: connection.localDescription.sdp,
    });
    await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  }
})();
