/** Who may do what: roles, which rank, and grants, which name the cameras that somebody may use. */
import type { CameraId } from './ids.ts';

/** From the least to the most: watches; also operates cameras; also changes the configuration. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * How somebody said who they are. `listed` are clients of the older API, which are no user: known by their address, or by
 * the one token of all of them.
 */
export const MEANS = ['session', 'password', 'token', 'proxy', 'listed'] as const;
export type Means = (typeof MEANS)[number];

/** The cameras that somebody may use: all, those to come included, or these. */
export type Grant = 'all' | readonly CameraId[];

/** Whether the role may do what the other one may. */
export function ranks(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** The role that may do less. */
export function lesser(a: Role, b: Role): Role {
  return ranks(a, b) ? b : a;
}

/** Whether the camera is among those granted. */
export function mayUse(grant: Grant, camera: string): boolean {
  return grant === 'all' || grant.some((granted) => granted === camera);
}

/** The cameras that both grant. */
export function common(a: Grant, b: Grant): Grant {
  if (a === 'all') return b;
  return b === 'all' ? a : a.filter((camera) => b.includes(camera));
}

/** Whether both grant the same cameras, in whatever order. */
export function sameGrant(a: Grant, b: Grant): boolean {
  if (a === 'all' || b === 'all') return a === b;
  return a.every((camera) => b.includes(camera)) && b.every((camera) => a.includes(camera));
}
