import { EQUIPMENT_ID } from '../core/telemetry/limits.ts';
import type { Counters } from './counters.ts';
import { createIdentity, type Identity } from './identity.ts';
import type { BrokerLedger } from './ledger.ts';
import type { BrokerLimits } from './limits.ts';
import type { Refusal } from './refusal.ts';

/**
 * Open mode (PRECALL_OPEN), for a demonstration or a laboratory: a machine without a credential is let in,
 * and entered into the ledger with the site that its first topic names.
 */
export interface OpenDoor {
  /** The machine as the ledger has it, or one without a place yet. */
  identify(id: string): Promise<Identity>;
  /** Enters the machine; `topic` is the first that it named. */
  place(identity: Identity, topic: string, payload: Uint8Array | null): Promise<Identity | Refusal>;
}

const OWN_TOPIC = /^v1\/([^/]+)\/([^/]+)\/(telemetry|fault|status|service)$/;
const MODEL = /^[\p{L}\p{N} ._-]{1,64}$/u;

/** The model that a status message names, where it does. */
const modelOf = (channel: string, payload: Uint8Array | null): string => {
  if (channel !== 'status' || payload === null || payload.length > 4_096) return 'unknown';
  try {
    const status: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    const model = (status as { readonly model?: unknown } | null)?.model;
    return typeof model === 'string' && MODEL.test(model) ? model : 'unknown';
  } catch {
    // The message itself is judged downstream.
    return 'unknown';
  }
};

export const createOpenDoor = (options: {
  readonly ledger: Pick<BrokerLedger, 'equipment' | 'sites'>;
  readonly clock: () => number;
  readonly limits: Pick<BrokerLimits, 'openEquipment'>;
  readonly counters: Counters;
}): OpenDoor => {
  const { ledger, clock, limits, counters } = options;

  const enter = async (id: string, site: string, model: string): Promise<void> => {
    const atMs = clock();
    if ((await ledger.sites.get(site)) === null)
      await ledger.sites.put({ id: site, name: site, position: null, timeZone: 'UTC' }, atMs);
    await ledger.equipment.put({ id, site, model, name: id }, atMs);
  };

  return {
    async identify(id) {
      const machine = await ledger.equipment.get(id);
      return createIdentity(id, null, machine ? [{ id, site: machine.site }] : []);
    },
    async place(identity, topic, payload) {
      const [, site = '', id = '', channel = ''] = OWN_TOPIC.exec(topic) ?? [];
      if (!EQUIPMENT_ID.test(site)) return 'topic-malformed';
      if (id !== identity.credential) return 'topic-not-own';
      if (counters.openEquipment >= limits.openEquipment) return 'open-equipment-limit';
      counters.openEquipment++;
      await enter(id, site, modelOf(channel, payload));
      return createIdentity(id, null, [{ id, site }]);
    },
  };
};
