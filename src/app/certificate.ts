/**
 * The certificate that the recorder serves with: made by itself on the first run, or the user's own. Its files are read
 * again when they change; one that is about to expire is told of, or made anew when it was made here.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { keepFile } from '../archive/keepFile.ts';
import type { Config } from '../config.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import { type Clock, DAY_MS, type EpochMs, epochMs } from '../domain/time.ts';
import type { MetricFamily } from '../http/ports.ts';

/** Certificate, with its chain, and private key, as PEM text. */
export interface Pem {
  readonly cert: string;
  readonly key: string;
}

/** What anybody may know of it. */
export interface CertificateFacts {
  /** SHA-256 of the certificate, as browsers show it: pairs of hex digits with colons. */
  readonly fingerprint: string;
  /** The names and addresses it is for, as OpenSSL writes them. */
  readonly names: string;
  readonly selfSigned: boolean;
  readonly expiresMs: EpochMs;
}

interface Files {
  readonly cert: string;
  readonly key: string;
  /** Made here when it is missing or about to expire. */
  readonly ours: boolean;
}

/** Apple's systems take none that is valid for more than 825 days. */
const VALID_DAYS = 820;
/** So long before it expires, one is told of, or made anew. */
const SOON_MS = 30 * DAY_MS;
const LOOK_MS = 30_000;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;

export class Certificate {
  readonly #files: Files;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #log: FastifyBaseLogger;
  readonly #listeners = new Set<(pem: Pem) => void>();
  readonly #timer: NodeJS.Timeout;
  #pem: Pem;
  #facts: CertificateFacts;
  #stamp = '';
  #toldMs = Number.NEGATIVE_INFINITY;

  private constructor(files: Files, pem: Pem, clock: Pick<Clock, 'now'>, log: FastifyBaseLogger) {
    this.#files = files;
    this.#clock = clock;
    this.#log = log;
    this.#pem = pem;
    this.#facts = factsOf(pem);
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  /**
   * Reads the files, or makes them.
   * @throws NvrError `invalid` naming the setting when a file is missing, no PEM, or the key is another certificate's
   */
  static async open(files: Files, clock: Pick<Clock, 'now'>, log: FastifyBaseLogger): Promise<Certificate> {
    const certificate = new Certificate(files, await readOrMake(files, clock.now()), clock, log);
    certificate.#stamp = await stampOf(files);
    certificate.#tell();
    return certificate;
  }

  get pem(): Pem {
    return this.#pem;
  }

  get facts(): CertificateFacts {
    return this.#facts;
  }

  /** Calls back with each certificate that follows. */
  onChange(listener: (pem: Pem) => void): void {
    this.#listeners.add(listener);
  }

  /** Reads the files again; when they are no good, the certificate stays and the log says why. */
  async reload(): Promise<void> {
    try {
      const pem = await readOrMake(this.#files, this.#clock.now());
      this.#stamp = await stampOf(this.#files);
      this.#facts = factsOf(pem);
      this.#pem = pem;
      for (const listener of this.#listeners) listener(pem);
      this.#log.info({ fingerprint: this.#facts.fingerprint }, 'the certificate was read again');
      this.#tell();
    } catch (thrown) {
      this.#log.error({ err: thrown }, 'the certificate could not be read again; the one before is kept');
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const stamp = await stampOf(this.#files);
    const changed = stamp !== this.#stamp;
    // What is no good is not tried again until it changes again.
    this.#stamp = stamp;
    const renew = this.#files.ours && this.#leftMs < SOON_MS;
    if (changed || renew) await this.reload();
    else this.#tell();
  }

  get #leftMs(): number {
    return this.#facts.expiresMs - this.#clock.now();
  }

  /** Once a day, when it expires soon or has. */
  #tell(): void {
    const now = this.#clock.now();
    if (this.#leftMs >= SOON_MS || now - this.#toldMs < DAY_MS) return;
    this.#toldMs = now;
    const expires = new Date(this.#facts.expiresMs).toISOString();
    this.#log.warn(
      { expires },
      this.#leftMs < 0 ? 'the certificate has expired' : 'the certificate expires soon',
    );
  }
}

/** The certificate to serve with by the settings; null for plain HTTP. @throws as `Certificate.open` */
export async function openCertificate(
  { tls, tlsCertificate, tlsKey, host, stateDir }: Config,
  clock: Pick<Clock, 'now'>,
  log: FastifyBaseLogger,
): Promise<Certificate | null> {
  if (tls === 'off' || (tls === 'auto' && LOOPBACK.test(host))) return null;
  if (tls === 'auto') {
    const folder = join(stateDir, 'tls');
    const files = { cert: join(folder, 'certificate.pem'), key: join(folder, 'key.pem'), ours: true };
    return await Certificate.open(files, clock, log);
  }
  if (tlsCertificate === null) throw missing('tlsCertificate');
  if (tlsKey === null) throw missing('tlsKey');
  return await Certificate.open({ cert: tlsCertificate, key: tlsKey, ours: false }, clock, log);
}

function missing(field: keyof Config): NvrError {
  return new NvrError('invalid', `With the setting tls = own, ${field} names a file.`, { field });
}

async function readOrMake(files: Files, now: EpochMs): Promise<Pem> {
  if (!files.ours) return await read(files);
  try {
    const pem = await read(files);
    if (factsOf(pem).expiresMs - now >= SOON_MS) return pem;
  } catch {
    // There is none yet, or none that is of use.
  }
  const pem = await make(now);
  await mkdir(dirname(files.key), { recursive: true, mode: 0o700 });
  keepFile(files.key, pem.key, 0o600);
  keepFile(files.cert, pem.cert, 0o644);
  return pem;
}

async function read({ cert, key }: Files): Promise<Pem> {
  const pem = { cert: await text(cert, 'tlsCertificate'), key: await text(key, 'tlsKey') };
  let suits: boolean;
  try {
    suits = new X509Certificate(pem.cert).checkPrivateKey(createPrivateKey(pem.key));
  } catch (cause) {
    const detail = `The certificate or its key is no PEM file that can be used: ${messageOf(cause)}`;
    throw new NvrError('invalid', detail, { field: 'tlsCertificate', cause });
  }
  if (!suits) throw new NvrError('invalid', `${key} is not the key of ${cert}.`, { field: 'tlsKey' });
  return pem;
}

async function text(file: string, field: keyof Config): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new NvrError('invalid', `${file} can’t be read: ${messageOf(cause)}`, { field, cause });
  }
}

/** For this machine's name and all its addresses; it can sign no other certificate. */
async function make(now: EpochMs): Promise<Pem> {
  const name = hostname();
  const names = [...new Set([name, 'localhost'])].map((value) => ({ type: 2, value }) as const);
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const ips = [...new Set(addresses.filter(({ scopeid }) => !scopeid).map(({ address }) => address))];
  // Needed once in two years; a start has no time to read it.
  const { generate } = await import('selfsigned');
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY_MS),
    notAfterDate: new Date(now + (VALID_DAYS - 1) * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...names, ...ips.map((ip) => ({ type: 7, ip }) as const)] },
    ],
  });
  return { cert, key };
}

function factsOf({ cert }: Pem): CertificateFacts {
  const { fingerprint256, subjectAltName, subject, issuer, validTo } = new X509Certificate(cert);
  return {
    fingerprint: fingerprint256,
    names: subjectAltName ?? subject,
    selfSigned: subject === issuer,
    expiresMs: epochMs(Date.parse(validTo)),
  };
}

/** Changes when a file does. */
async function stampOf({ cert, key }: Files): Promise<string> {
  const stamps = [cert, key].map(async (file) => {
    const found = await stat(file).catch(() => null);
    return found === null ? '' : `${found.ino} ${found.mtimeMs} ${found.size}`;
  });
  return (await Promise.all(stamps)).join('\n');
}

/** When the certificate expires, for who is to be told in time. */
export function certificateMetrics(certificate: Certificate | null): MetricFamily[] {
  if (certificate === null) return [];
  const value = certificate.facts.expiresMs / 1_000;
  const help = 'When the certificate expires, in seconds since 1970.';
  return [
    { name: 'nightjar_certificate_expiry_timestamp_seconds', help, type: 'gauge', samples: [{ value }] },
  ];
}
