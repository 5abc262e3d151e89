import { describe, expect, it } from 'vitest';
import { finishAnswer, LONGEST_SDP, type Offer, readOffer } from '../../src/domain/sdp.ts';

const SESSION = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1'];
const KEYS = ['a=ice-ufrag:abcd', 'a=ice-pwd:0123456789012345678901', 'a=fingerprint:sha-256 AA:BB'];
const VIDEO = [
  'm=video 9 UDP/TLS/RTP/SAVPF 96 102 108 112',
  ...KEYS,
  'a=recvonly',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f',
  'a=rtpmap:108 H264/90000',
  'a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  'a=rtpmap:112 H264/90000',
  'a=fmtp:112 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f',
];
const AUDIO = ['m=audio 9 UDP/TLS/RTP/SAVPF 0 111', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:111 opus/48000/2'];

const sdp = (...parts: readonly (readonly string[])[]) => `${parts.flat().join('\r\n')}\r\n`;

describe('an offer', () => {
  it.each([
    ['the profile of the camera', '64', { payload: 112, profileLevelId: '64001f' }],
    ['the first one when that is not offered', '4d', { payload: 108, profileLevelId: '42e01f' }],
    ['in any case of letters', '42', { payload: 108, profileLevelId: '42e01f' }],
  ])('chooses %s', (_, profile, video) => {
    const text = sdp(SESSION, VIDEO, AUDIO);
    expect(readOffer(text, profile)).toEqual({ text, video, audio: { payload: 111 } });
  });

  it('may want no sound, or none that is Opus', () => {
    expect(readOffer(sdp(SESSION, VIDEO), '42').audio).toBeNull();
    expect(readOffer(sdp(SESSION, VIDEO, ['m=audio 9 UDP/TLS/RTP/SAVPF 0']), '42').audio).toBeNull();
  });

  it('may have lines that end with a line feed only', () => {
    expect(readOffer(sdp(SESSION, VIDEO).replaceAll('\r', ''), '64').video.payload).toBe(112);
  });

  it('is Baseline when it names no profile', () => {
    const video = [
      'm=video 9 UDP/TLS/RTP/SAVPF 97',
      ...KEYS,
      'a=rtpmap:97 H264/90000',
      'a=fmtp:97 packetization-mode=1',
    ];
    expect(readOffer(sdp(SESSION, video), '64').video).toEqual({ payload: 97, profileLevelId: '42000a' });
  });

  it.each([
    ['no SDP', 'hello'],
    ['nothing', ''],
    ['too long', sdp(SESSION, VIDEO, [`a=${'x'.repeat(LONGEST_SDP)}`])],
    [
      'without keys',
      sdp(
        SESSION,
        VIDEO.filter((line) => !line.startsWith('a=ice-pwd')),
      ),
    ],
    [
      'without a fingerprint',
      sdp(
        SESSION,
        VIDEO.filter((line) => !line.startsWith('a=fingerprint')),
      ),
    ],
    ['without video', sdp(SESSION, AUDIO, KEYS)],
    [
      'with VP8 only',
      sdp(
        SESSION,
        VIDEO.filter((line) => !line.includes('H264')),
      ),
    ],
    ['of H.264 in single packets', sdp(SESSION, VIDEO.slice(0, 8))],
    [
      'with a payload type that is none',
      sdp(SESSION, [
        'm=video 9 X 999',
        ...KEYS,
        'a=rtpmap:999 H264/90000',
        'a=fmtp:999 packetization-mode=1',
      ]),
    ],
    ['with very many sections', sdp(SESSION, VIDEO, ...Array.from({ length: 16 }, () => AUDIO))],
  ])('%s is refused', (_, text) => {
    expect(() => readOffer(text, '42')).toThrow(expect.objectContaining({ kind: 'invalid', field: 'offer' }));
  });
});

describe('an answer', () => {
  const offer: Offer = { text: '', video: { payload: 108, profileLevelId: '42e01f' }, audio: null };
  const candidate = 'a=candidate:1 1 UDP 2015363327 192.168.1.9 34364 typ host';
  const answer = sdp(
    ['v=0', 'a=fmtp:108 packetization-mode=1;profile-level-id=42c01e'],
    [candidate, 'a=candidate:2 1 UDP 2015363583 fd00::2 33223 typ host', 'a=end-of-candidates'],
  );

  it('names the profile that was offered', () => {
    expect(finishAnswer(answer, offer, [])).toBe(answer.replace('42c01e', '42e01f'));
  });

  it('says behind each own IPv4 candidate the addresses it has outside', () => {
    const lines = finishAnswer(answer, offer, ['203.0.113.7', '192.168.1.9']).split('\r\n');
    expect(lines.filter((line) => line.startsWith('a=candidate'))).toEqual([
      candidate,
      'a=candidate:1001 1 UDP 2015362327 203.0.113.7 34364 typ host',
      'a=candidate:2 1 UDP 2015363583 fd00::2 33223 typ host',
    ]);
  });
});
