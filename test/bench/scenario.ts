/** What a scenario is: something that is done to the recorder or measured of it, giving rows for a table. */

/** What the command line can set; every scenario takes what concerns it. */
export interface Settings {
  /** How many cameras, several for several tables. */
  readonly cameras: readonly number[];
  /** Seconds before each measurement, and of it. */
  readonly settle: number;
  readonly measure: number;
  readonly repeat: number;
  /** Of `soak`. */
  readonly hours: number;
  /** Only the subjects whose names begin so; all when empty. */
  readonly only: readonly string[];
}

export type Cell = string | number | null;

/** A table with its title: one object per row, all with the same keys. */
export interface Table {
  readonly title: string;
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

export interface Scenario {
  readonly describes: string;
  /** What differs from the defaults. */
  readonly defaults?: Partial<Settings>;
  /** Measures; `say` tells whoever waits how far it is. */
  run(settings: Settings, say: (line: string) => void): Promise<readonly Table[]>;
}

const MEBIBYTE = 2 ** 20;

/** Bytes as whole MiB. */
export function mebibytes(bytes: number): number {
  return Math.round(bytes / MEBIBYTE);
}

export function rounded(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
