import type { FastifyRequest } from 'fastify';
import type { Grant, Ledger, Role } from '../../store/ledger.ts';
import { hashSecret } from '../../store/secret.ts';

/** Who asks, proven by a session cookie or a bearer token. */
export interface Identity {
  /** User id, or the label of a token. */
  readonly subject: string;
  readonly role: Role;
  readonly crew: string | null;
  readonly by: 'cookie' | 'bearer';
  /** Who did it, in timelines and the audit: the user, or `token:LABEL#` with the start of the token's hash. */
  readonly actor: string;
  /** Whose stored answers they are: the token itself, or the user with the rights that the session has. */
  readonly account: string;
  readonly grantHash: string;
  readonly expiresAtMs: number | null;
}

export const SESSION_COOKIE = 'precall_session';

/** Longer ones can't be ours, and needn't be hashed. */
const MAX_SECRET_CHARACTERS = 256;

type Proof = { readonly secret: string; readonly by: Identity['by'] };

/** An `Authorization` header goes before the cookie: a script says who it wants to be. */
const proofOf = (request: FastifyRequest): Proof | null => {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    return bearer ? { secret: bearer, by: 'bearer' } : null;
  }
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie ? { secret: cookie, by: 'cookie' } : null;
};

/** Labels of tokens are free text and may be the same; a few characters of the hash tell them apart. */
const actorOf = ({ kind, subject, hash }: Grant): string =>
  kind === 'token' ? `token:${subject}#${hash.slice(0, 6)}` : subject;

const accountOf = ({ kind, subject, hash, role, crew }: Grant): string =>
  kind === 'token' ? `token ${hash}` : `user ${subject} as ${role} of ${crew ?? '-'}`;

export const identityOf = (grant: Grant, by: Identity['by']): Identity => ({
  subject: grant.subject,
  actor: actorOf(grant),
  account: accountOf(grant),
  role: grant.role,
  crew: grant.crew,
  by,
  grantHash: grant.hash,
  expiresAtMs: grant.expiresAtMs,
});

/** Null where nothing, or nothing valid, was shown. */
export const identify = async (
  request: FastifyRequest,
  ledger: Ledger,
  key: string,
  nowMs: number,
): Promise<Identity | null> => {
  const proof = proofOf(request);
  if (proof === null || proof.secret.length > MAX_SECRET_CHARACTERS) return null;
  const grant = await ledger.people.granted(hashSecret(key, proof.secret), nowMs);
  return grant && identityOf(grant, proof.by);
};
