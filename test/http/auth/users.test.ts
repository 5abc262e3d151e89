/** The first user, and how passwords are made and hashed. */
import { describe, expect, it } from 'vitest';
import { addFirstUser } from '../../../src/http/auth/firstUser.ts';
import { hashPassword, makePassword, verifyPassword } from '../../../src/http/auth/passwords.ts';
import { HeldClock, MemoryUsers, NOW } from '../harness.ts';
import { MemorySetup } from '../memoryAccess.ts';

describe('the first user', () => {
  it('is an admin with a password that is told once', async () => {
    const users = new MemoryUsers();
    const first = await addFirstUser(users, new MemorySetup(), new HeldClock(), null);
    expect(first).toEqual({
      name: 'admin',
      password: expect.stringMatching(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/),
    });
    const stored = users.find('admin');
    expect(stored).toMatchObject({ name: 'admin', role: 'admin', createdMs: NOW });
    expect(await verifyPassword(stored?.passwordHash, first?.password ?? '')).toBe(true);
    expect(await addFirstUser(users, new MemorySetup(), new HeldClock(), null)).toBeNull();
    expect(users.rows.size).toBe(1);
  });

  it('has the password that was given, which is not told', async () => {
    const users = new MemoryUsers();
    expect(await addFirstUser(users, new MemorySetup(), new HeldClock(), 'long enough')).toEqual({
      name: 'admin',
      password: null,
    });
    expect(await verifyPassword(users.find('admin')?.passwordHash, 'long enough')).toBe(true);
  });

  it.each(['1234567', 'starwars'])('is not made with the password %s', async (password) => {
    const users = new MemoryUsers();
    await expect(addFirstUser(users, new MemorySetup(), new HeldClock(), password)).rejects.toMatchObject({
      kind: 'invalid',
      field: 'adminPassword',
    });
    expect(users.isEmpty()).toBe(true);
  });
});

describe('passwords', () => {
  it('are made up anew each time', () => {
    const made = Array.from({ length: 1_000 }, makePassword);
    expect(new Set(made).size).toBe(made.length);
  });

  it('are hashed with argon2id and a fresh salt', async () => {
    const hashes = [await hashPassword('a'), await hashPassword('a')];
    expect(hashes[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(hashes[1]).not.toBe(hashes[0]);
    expect(await verifyPassword(hashes[0], 'a')).toBe(true);
    expect(await verifyPassword(hashes[0], 'b')).toBe(false);
    expect(await verifyPassword(undefined, 'a')).toBe(false);
  });
});
