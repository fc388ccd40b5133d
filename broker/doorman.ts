import type { CredentialCache } from './credentials.ts';
import { type Identity, type Introduction, type Recognition, recognise, refuseNames } from './identity.ts';
import type { BrokerLogger } from './ledger.ts';
import type { OpenDoor } from './open.ts';

export interface Arrival extends Introduction {
  /** Topic of the Last Will, or null. */
  readonly willTopic: string | null;
}

/** Decides who may come in. Never rejects: a ledger that can't be read is a refusal with a name. */
export type Doorman = (arrival: Arrival) => Promise<Recognition>;

export const createDoorman = (options: {
  readonly key: string;
  readonly credentials: CredentialCache;
  /** Null: deny by default. */
  readonly open: OpenDoor | null;
  readonly isLogFull: () => boolean;
  readonly logger: BrokerLogger;
}): Doorman => {
  const { key, credentials, open, isLogFull, logger } = options;

  const identify = async (arrival: Arrival): Promise<Recognition> => {
    const credential = await credentials.get(arrival.clientId);
    if (credential === null && open) return { ok: true, identity: await open.identify(arrival.clientId) };
    return recognise(key, arrival, credential);
  };

  const allowWill = async (identity: Identity, topic: string | null): Promise<Recognition> => {
    if (topic === null || identity.publish.has(topic)) return { ok: true, identity };
    if (identity.unplaced && open) {
      const placed = await open.place(identity, topic, null);
      if (typeof placed !== 'string' && placed.publish.has(topic)) return { ok: true, identity: placed };
    }
    return { ok: false, reason: 'will-not-own' };
  };

  return async (arrival) => {
    const fault = refuseNames(arrival, open !== null);
    if (fault) return { ok: false, reason: fault };
    // Nothing that it would send could be stored: let it come back later.
    if (isLogFull()) return { ok: false, reason: 'log-full' };
    try {
      const known = await identify(arrival);
      return known.ok ? await allowWill(known.identity, arrival.willTopic) : known;
    } catch (error) {
      logger.error({ error, clientId: arrival.clientId }, 'ledger could not be read at sign-in');
      return { ok: false, reason: 'ledger-unavailable' };
    }
  };
};
