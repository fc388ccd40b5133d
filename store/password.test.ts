import { describe, expect, it } from 'vitest';
import { absentHash, hashPassword, passwordProblem, verifyPassword } from './password.ts';

describe('passwords of people', () => {
  it('are argon2id and verify', async () => {
    const stored = await hashPassword('correct horse');
    expect(stored).toMatch(/^\$argon2id\$/);
    expect(await verifyPassword(stored, 'correct horse')).toBe(true);
    expect(await verifyPassword(stored, 'correct horsf')).toBe(false);
  });

  it('are the same however the keyboard composes them', async () => {
    expect(await verifyPassword(await hashPassword('caf\u00e9 caf\u00e9'), 'cafe\u0301 cafe\u0301')).toBe(
      true,
    );
  });

  it('never match a broken or an absent hash', async () => {
    expect(await verifyPassword('not a hash', 'x')).toBe(false);
    expect(await verifyPassword(await absentHash(), '')).toBe(false);
  });

  it('are refused when short, saying what to do', () => {
    expect(passwordProblem('1234567')).toContain('at least 8');
    expect(passwordProblem('密码密码密码密码密码')).toBeNull();
    expect(passwordProblem('x'.repeat(1_001))).toContain('at most');
  });
});
