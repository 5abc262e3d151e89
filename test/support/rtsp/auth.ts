/** HTTP authentication as RTSP uses it (RFC 2326 §D.3): Basic (RFC 7617) and Digest with MD5 (RFC 2069). */
import { createHash, randomBytes } from 'node:crypto';
import type { Auth, Credentials } from './types.ts';

const REALM = 'Test camera';

/** What a server knows of who may come in; a new one for each start makes old nonces void. */
export interface Gate {
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string;
  /** Whether a request of this method with this `Authorization` header may pass. */
  admits(method: string, authorization: string | undefined): boolean;
}

/** The gate for that way of authentication. Names and passwords count as UTF-8. */
export function gateFor(auth: Auth): Gate {
  switch (auth.scheme) {
    case 'none':
      return { challenge: '', admits: () => true };
    case 'basic':
      return {
        challenge: `Basic realm="${REALM}", charset="UTF-8"`,
        admits: (_method, authorization) => authorization === basic(auth),
      };
    case 'digest': {
      const nonce = randomBytes(16).toString('hex');
      return {
        challenge: `Digest realm="${REALM}", nonce="${nonce}", algorithm=MD5`,
        admits: (method, authorization) => digestMatches(auth, nonce, method, authorization ?? ''),
      };
    }
  }
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}

function digestMatches(known: Credentials, nonce: string, method: string, authorization: string): boolean {
  if (!/^Digest\s/i.test(authorization)) return false;
  const given = parameters(authorization);
  const secret = md5(`${known.username}:${REALM}:${known.password}`);
  const expected = md5(`${secret}:${nonce}:${md5(`${method}:${given.get('uri') ?? ''}`)}`);
  return (
    given.get('username') === known.username &&
    given.get('nonce') === nonce &&
    given.get('response') === expected
  );
}

/** The `name=value` and `name="value"` pairs of a header. */
function parameters(header: string): ReadonlyMap<string, string> {
  const pairs = header.matchAll(/(\w+)=(?:"((?:\\.|[^"\\])*)"|([^\s,]*))/g);
  return new Map(
    [...pairs].map(([, name = '', quoted, plain]) => [
      name.toLowerCase(),
      quoted === undefined ? (plain ?? '') : quoted.replaceAll(/\\(.)/g, '$1'),
    ]),
  );
}
