/** Which passwords are no good (NIST SP 800-63B §5.1.1.2): too short, or what is guessed first. */
import { NvrError } from '../../domain/errors.ts';
import { isCommon } from './commonPasswords.ts';

const SHORTEST = 8;
const FEWEST_DIFFERENT = 4;
/** Words that people put digits behind, and call it a password. */
const COMMON =
  /^(?:pass(?:word|wort)?|p[a@]ssw[o0]rd|admin(?:istrator)?|root|user|guest|test|default|changeme|letmein|welcome|nightjar|camera|security|iloveyou|dragon|monkey|football|baseball|sunshine|princess|master|superman|batman|qwert[yz]?(?:uiop)?|asdf(?:ghjkl)?|[zy]xcvbnm?|1q2w3e4r(?:5t)?(?:6[yz])?|q1w2e3r4(?:t5)?|abc|aa)[\d!.?@#$*_-]*$/i;
const RUNS = [
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'qwertzuiop',
  'asdfghjkl',
  'zxcvbnm',
];

/** @param user who is to have it @param field what is named in the error @throws NvrError `invalid` */
export async function refuseWeak(password: string, user: string, field = 'password'): Promise<void> {
  const why = await weaknessOf(password, user);
  if (why !== null) throw new NvrError('invalid', `The password ${why}.`, { field });
}

async function weaknessOf(password: string, user: string): Promise<string | null> {
  const text = password.toLowerCase();
  if ([...password].length < SHORTEST) return `must have at least ${SHORTEST} characters`;
  if (text.includes(user.toLowerCase()) && text.length < user.length + SHORTEST) {
    return 'is little more than the name of the user';
  }
  if (new Set(text).size < FEWEST_DIFFERENT) return 'repeats too few characters';
  if (COMMON.test(password) || isRun(text) || (await isCommon(text))) {
    return 'is one that everybody guesses first';
  }
  return null;
}

/** Keys or letters in a row, forwards or backwards, and the same again. */
function isRun(text: string): boolean {
  return RUNS.some((run) => [run, [...run].reverse().join('')].some((row) => row.repeat(8).includes(text)));
}
