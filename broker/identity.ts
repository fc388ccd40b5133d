import { EQUIPMENT_ID } from '../core/telemetry/limits.ts';
import type { Credential } from '../store/ledger.ts';
import { hashSecret, matchesSecret } from '../store/secret.ts';
import type { Refusal } from './refusal.ts';
import { publishTopics, serviceTopic, type Target } from './topic.ts';

/** Who a connection is, and all that it may say and hear. */
export interface Identity {
  readonly credential: string;
  /** What its secret was checked against; null in open mode, where nothing is checked. */
  readonly secretHash: string | null;
  readonly equipment: readonly { readonly id: string; readonly site: string }[];
  /** Topics that it may publish to. */
  readonly publish: ReadonlyMap<string, Target>;
  /** Topics that it may subscribe to. */
  readonly subscribe: ReadonlyMap<string, { readonly id: string; readonly site: string }>;
  /** Open mode only: a machine that nobody entered yet, and whose first topic will say its site. */
  readonly unplaced: boolean;
}

export const createIdentity = (
  credential: string,
  secretHash: string | null,
  equipment: Identity['equipment'],
): Identity => ({
  credential,
  secretHash,
  equipment,
  publish: publishTopics(equipment),
  subscribe: new Map(equipment.map((machine) => [serviceTopic(machine.site, machine.id), machine])),
  unplaced: equipment.length === 0 && secretHash === null,
});

/** What a CONNECT said of itself. */
export interface Introduction {
  readonly clientId: string;
  readonly username: string | null;
  readonly password: Uint8Array | null;
}

export type Recognition =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: Refusal };

const refused = (reason: Refusal): Recognition => ({ ok: false, reason });

/** The names alone: what can be refused before the ledger is asked. */
export const refuseNames = (said: Introduction, open: boolean): Refusal | null => {
  // A zero-length client id, U+0000 and all else that is no id.
  if (!EQUIPMENT_ID.test(said.clientId)) return 'client-id-malformed';
  if (open && said.username === null) return null;
  return said.username === said.clientId ? null : 'username-not-client-id';
};

/** Checks the secret against the ledger's credential. */
export const recognise = (key: string, said: Introduction, credential: Credential | null): Recognition => {
  const secret = said.password ? Buffer.from(said.password).toString('utf8') : '';
  // An unknown id costs the same work as a known one.
  const matches = matchesSecret(key, secret, credential?.secretHash ?? hashSecret(key, said.clientId));
  if (credential === null) return refused('unknown-identity');
  if (!matches) return refused('wrong-secret');
  if (credential.revoked) return refused('revoked');
  return { ok: true, identity: createIdentity(credential.id, credential.secretHash, credential.equipment) };
};

/** Whether what a live connection was let in for no longer holds. */
export const isOutdated = (identity: Identity, credential: Credential | null): boolean => {
  if (identity.secretHash === null) return credential !== null;
  if (credential === null) return true;
  if (credential.revoked || credential.secretHash !== identity.secretHash) return true;
  const now = new Map(credential.equipment.map(({ id, site }) => [id, site]));
  return (
    now.size !== identity.equipment.length || identity.equipment.some(({ id, site }) => now.get(id) !== site)
  );
};
