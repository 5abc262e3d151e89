/** The certificate: made once and kept, read again when it changes, made anew or told of before it expires. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type Certificate, certificateMetrics, openCertificate } from '../../src/app/certificate.ts';
import { loadConfig } from '../../src/config.ts';
import { epochMs } from '../../src/domain/time.ts';
import type { TlsKeys } from '../../src/http/instance.ts';
import { makeCertificate } from '../support/certificate.ts';

const DAY_MS = 86_400_000;

function world() {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log: string[] = [];
  const logger = pino({}, { write: (line: string) => log.push(line) });
  const time = { ms: Date.now() };
  const open = async (given: Record<string, unknown>): Promise<Certificate | null> => {
    const file = { stateDir: folder, ...given };
    const { config } = loadConfig({ flags: {}, environment: {}, file });
    const opened = await openCertificate(config, { now: () => epochMs(Math.floor(time.ms)) }, logger);
    onTestFinished(() => opened?.close());
    return opened;
  };
  const own = (name: string, { cert, key }: TlsKeys) => {
    writeFileSync(join(folder, `${name}.crt`), cert);
    writeFileSync(join(folder, `${name}.key`), key);
    return { tls: 'own', tlsCertificate: join(folder, `${name}.crt`), tlsKey: join(folder, `${name}.key`) };
  };
  return { folder, log, time, open, own };
}

it.each([{ host: '127.0.0.1' }, { host: 'localhost' }, { host: '::1' }, { host: '0.0.0.0', tls: 'off' }])(
  'is none for %o',
  async (given) => {
    expect(await world().open(given)).toBeNull();
  },
);

it('is made on the first run beyond loopback, and is the same on the next', async () => {
  const { folder, open } = world();
  const first = await open({ host: '0.0.0.0' });
  const { facts, pem } = first ?? {};
  expect(facts?.names).toContain(`DNS:${hostname()}`);
  expect(facts?.names).toContain('IP Address:127.0.0.1');
  expect(facts?.selfSigned).toBe(true);
  expect((facts?.expiresMs ?? 0) - Date.now()).toBeGreaterThan(800 * DAY_MS);
  expect(new X509Certificate(pem?.cert ?? '').ca).toBe(false);
  expect(statSync(join(folder, 'tls', 'key.pem')).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'tls')).mode & 0o777).toBe(0o700);
  expect((await open({ host: '0.0.0.0' }))?.facts.fingerprint).toBe(facts?.fingerprint);
});

it('is made anew when it is about to expire, or of no use', async () => {
  const { folder, time, open } = world();
  const first = await open({ host: '0.0.0.0' });
  time.ms += 800 * DAY_MS;
  const second = await open({ host: '0.0.0.0' });
  expect(second?.facts.fingerprint).not.toBe(first?.facts.fingerprint);
  writeFileSync(join(folder, 'tls', 'key.pem'), 'torn');
  const third = await open({ host: '0.0.0.0' });
  expect(third?.facts.fingerprint).not.toBe(second?.facts.fingerprint);
  expect(readFileSync(join(folder, 'tls', 'key.pem'), 'utf8')).toMatch(/PRIVATE KEY/);
});

it('of the user is read again when told, and the one before stays when the new one is no good', async () => {
  const { log, open, own } = world();
  const settings = own('mine', await makeCertificate());
  const certificate = await open(settings);
  const before = certificate?.facts.fingerprint;
  const heard: TlsKeys[] = [];
  certificate?.onChange((keys) => heard.push(keys));
  const next = await makeCertificate();
  own('mine', next);
  await certificate?.reload();
  expect(heard).toEqual([next]);
  const { fingerprint } = certificate?.facts ?? {};
  expect(fingerprint).not.toBe(before);
  writeFileSync(settings.tlsKey, 'torn');
  await certificate?.reload();
  expect([heard.length, certificate?.facts.fingerprint]).toEqual([1, fingerprint]);
  expect(log.at(-1)).toContain('the one before is kept');
});

it('of the user is read again by itself when a file changes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { open, own } = world();
  const certificate = await open(own('mine', await makeCertificate()));
  const changed = new Promise<TlsKeys>((resolve) => certificate?.onChange(resolve));
  const next = await makeCertificate();
  own('mine', next);
  vi.advanceTimersByTime(30_000);
  expect(await changed).toEqual(next);
});

it('of the user that expires soon, or has, is told of', async () => {
  const { log, open, own } = world();
  const soon = await open(own('soon', await makeCertificate(20)));
  expect(log.at(-1)).toContain('expires soon');
  await open(own('late', await makeCertificate(-1)));
  expect(log.at(-1)).toContain('has expired');
  const [metric] = certificateMetrics(soon);
  expect(metric?.samples[0]?.value).toBe((soon?.facts.expiresMs ?? 0) / 1_000);
});

it.each([
  ['no certificate is named', { tls: 'own' }, 'tlsCertificate'],
  ['no key is named', { tls: 'own', tlsCertificate: '/nowhere' }, 'tlsKey'],
  ['a file is missing', { tls: 'own', tlsCertificate: '/nowhere', tlsKey: '/nowhere' }, 'tlsCertificate'],
])('is refused when %s', async (_name, given, field) => {
  await expect(world().open(given)).rejects.toMatchObject({ kind: 'invalid', field });
});

it('is refused with the key of another', async () => {
  const { open, own } = world();
  const [a, b] = [await makeCertificate(), await makeCertificate()];
  const settings = own('mixed', { cert: a.cert, key: b.key });
  await expect(open(settings)).rejects.toMatchObject({ kind: 'invalid', field: 'tlsKey' });
});
