/** The address policy where names are resolved: a name is worth what it resolves to, at the moment of connecting. */
import { type LookupAddress, lookup } from 'node:dns';
import { lookup as lookupAll } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { type AddressRules, classOf, expectAllowed, type Purpose } from '../domain/addressPolicy.ts';

/** Finds all addresses of a name. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

const resolveAll: Resolve = async (name) => await lookupAll(name, { all: true, verbatim: true });

/**
 * Refuses a host that is, or resolves to, an address nobody may make the recorder connect to; one of several is
 * enough. A name that does not resolve is taken: there is nothing to connect to, and who tries says so.
 * @param host name or IP address, as in a URL
 * @throws NvrError `forbidden` with the field
 */
export async function expectReachable(
  host: string,
  purpose: Purpose,
  rules: AddressRules,
  field: string,
  resolve: Resolve = resolveAll,
): Promise<void> {
  expectAllowed(host, purpose, rules, field);
  if (classOf(host) !== null) return;
  const found = await resolve(host).catch(() => []);
  for (const { address } of found) expectAllowed(address, purpose, rules, field);
}

/**
 * A `lookup` for `net.connect`, `http.request` and agents, which refuses while connecting: a name that changes its
 * mind after it was checked gets nowhere. Node does not look up what is an IP address already: call `expectReachable`
 * before, and again for each redirect that is followed.
 */
export function guardedLookup(purpose: Purpose, rules: AddressRules, field: string): LookupFunction {
  return (name, options, done) => {
    lookup(name, { ...options, all: true }, (failure, found) => {
      if (failure !== null) return done(failure, '', 4);
      try {
        for (const { address } of found) expectAllowed(address, purpose, rules, field);
      } catch (refusal) {
        return done(refusal instanceof Error ? refusal : new Error(String(refusal)), '', 4);
      }
      const [first] = found;
      if (options.all === true) done(null, found);
      else done(null, first?.address ?? '', first?.family);
    });
  };
}
