/** Passwords that are guessed first: those that were stolen most often, and those of cameras and recorders. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** A JSON array of some 49 000, in lower case, of which 18 000 are long enough to be taken at all. */
const STOLEN = '@zxcvbn-ts/language-common/src/passwords.json';
const OURS = new Set(
  `qwe12345 lovely123 fortnite summer2024 summer2025 winter2024 winter2025 spring2025 autumn2025 login123 operator1
  supervisor1 hikvision hik12345 dahua123 surveillance recorder1 cctv1234 cctvcamera ipcamera1 foscam123 ubnt1234
  windows10 linux123 toor1234 oracle123 vagrant1 homeassistant`.split(/\s+/),
);

/** @param password in lower case */
export async function isCommon(password: string): Promise<boolean> {
  return OURS.has(password) || (await stolen()).includes(password);
}

/** Read each time: a password is set once in years, and the list would stay in memory for as long. */
async function stolen(): Promise<readonly unknown[]> {
  const list: unknown = JSON.parse(await readFile(createRequire(import.meta.url).resolve(STOLEN), 'utf8'));
  if (!Array.isArray(list)) throw new Error(`${STOLEN} is no list.`);
  return list;
}
