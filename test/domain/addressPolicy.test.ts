/** Which addresses may be connected to, however they are written. */
import { describe, expect, it } from 'vitest';
import { classOf, expectAllowed, type Purpose } from '../../src/domain/addressPolicy.ts';

describe('the class of an address', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['192.0.2.1', 'public'],
    ['10.1.2.3', 'private'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.0.101', 'private'],
    ['100.64.0.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['169.254.0.1', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['0.0.0.0', 'unspecified'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.250', 'multicast'],
    ['255.255.255.255', 'reserved'],
    // What inet_aton takes, and a resolver with it.
    ['2852039166', 'metadata'],
    ['0xa9fea9fe', 'metadata'],
    ['0xA9.0xFE.0xA9.0xFE', 'metadata'],
    ['0251.0376.0251.0376', 'metadata'],
    ['169.254.43518', 'metadata'],
    ['169.16689662', 'metadata'],
    ['127.1', 'loopback'],
    ['0', 'unspecified'],
    ['127.0.0.1.', 'loopback'],
    ['::1', 'loopback'],
    ['[::1]', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::', 'unspecified'],
    ['fe80::1', 'link-local'],
    ['FE80::1%eth0', 'link-local'],
    ['febf::1', 'link-local'],
    ['fd00:ec2::254', 'metadata'],
    ['fd12:3456::1', 'private'],
    ['ff02::1', 'multicast'],
    ['2001:4860:4860::8888', 'public'],
    // IPv4 inside of IPv6.
    ['::ffff:169.254.169.254', 'metadata'],
    ['[::ffff:a9fe:a9fe]', 'metadata'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['64:ff9b::169.254.169.254', 'metadata'],
    ['64:ff9b:1::a9fe:a9fe', 'metadata'],
    ['2002:a9fe:a9fe::1', 'metadata'],
    ['2002:7f00:1::', 'loopback'],
    ['::ffff:8.8.8.8', 'public'],
  ])('of %s is %s', (host, kind) => {
    expect(classOf(host)).toBe(kind);
  });

  it.each([
    'camera.local',
    'localhost',
    '256.1.1.1',
    '1.2.3.4.5',
    '0xcafe.example',
    ':::',
    '1::2::3',
    '12345::',
    '',
  ])('of %j is not known: it is a name, or nothing', (host) => {
    expect(classOf(host)).toBeNull();
  });
});

describe('the policy', () => {
  const strict = { webhooksToLoopback: false };
  const loose = { webhooksToLoopback: true };
  it.each([
    ['192.168.1.20', 'camera', strict, true],
    ['127.0.0.1', 'camera', strict, true],
    ['[::1]', 'camera', strict, true],
    ['8.8.8.8', 'camera', strict, true],
    ['239.1.2.3', 'camera', strict, true],
    ['169.254.169.254', 'camera', loose, false],
    ['169.254.7.7', 'camera', loose, false],
    ['fe80::7', 'camera', loose, false],
    ['0.0.0.0', 'camera', loose, false],
    ['camera.local', 'camera', strict, true],
    ['192.168.1.20', 'webhook', strict, true],
    ['127.0.0.1', 'webhook', strict, false],
    ['127.0.0.1', 'webhook', loose, true],
    ['::ffff:127.0.0.1', 'webhook', strict, false],
    ['0', 'webhook', loose, false],
    ['239.1.2.3', 'webhook', loose, false],
    ['169.254.169.254', 'webhook', loose, false],
  ] as const)('for %s as a %s with %j: %s', (host, purpose: Purpose, rules, allowed) => {
    const judge = () => expectAllowed(host, purpose, rules, 'source.url');
    if (allowed) expect(judge).not.toThrow();
    else expect(judge).toThrow(expect.objectContaining({ kind: 'forbidden', field: 'source.url' }));
  });
});
