/** The check of the archive, as the command line asks for it. */
import { type CheckOptions, type CheckReport, checkArchive } from '../archive/checkArchive.ts';
import type { Config } from '../config.ts';
import { epochMs } from '../domain/time.ts';

export interface CheckRequest extends Pick<CheckOptions, 'mode' | 'scan' | 'discardDamaged' | 'onProgress'> {
  readonly config: Config;
}

const silent = () => undefined;

/** @throws NvrError as `checkArchive` */
export async function check({ config, ...request }: CheckRequest): Promise<CheckReport> {
  const { stateDir, mediaDir, moreMediaDirs } = config;
  const mediaDirs = [mediaDir, ...moreMediaDirs];
  const log = { info: silent, warn: silent, error: silent };
  return await checkArchive({ ...request, stateDir, mediaDirs, nowMs: epochMs(Date.now()), log });
}
