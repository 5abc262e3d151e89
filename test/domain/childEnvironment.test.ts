import { expect, it } from 'vitest';
import { childEnvironment } from '../../src/domain/childEnvironment.ts';

it('keeps the settings of the recorder, with its secrets, from the processes it starts', () => {
  const own = {
    PATH: '/bin',
    NIGHTJAR_ADMIN_PASSWORD: 'secret',
    NIGHTJAR_: '',
    MY_NIGHTJAR_HOME: '/',
    EMPTY: undefined,
  };
  expect(childEnvironment(own)).toEqual({ PATH: '/bin', MY_NIGHTJAR_HOME: '/', EMPTY: undefined });
});
