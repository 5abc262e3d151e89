/** What a process that the recorder starts is told of the recorder's own environment. Pure. */

/** Where the recorder's secrets can be. */
const OWN = /^NIGHTJAR_/;

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment for a child: all of this one but the recorder's settings. */
export function childEnvironment(own: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(own).filter(([name]) => !OWN.test(name)));
}
