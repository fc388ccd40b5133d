import type { Ledger, Role } from '../../../store/ledger.ts';
import { hashSecret } from '../../../store/secret.ts';
import type { Plan } from '../plan.ts';

export const CREWS = ['crew-east', 'crew-north', 'crew-west'] as const;
const SECRET_KEY = 'simulated-secret-key';
export const secretOf = (id: string): string => `secret-of-${id}`;
export const tokenOf = (id: string): string => `token-of-${id}`;

/** Everybody that is told something. */
export const AUDIENCES: readonly string[] = [
  'dispatcher',
  'admin',
  'attendant',
  ...CREWS.map((id) => `crew:${id}`),
];

const SITES = [
  { id: 'wulin', name: 'Wulin', position: { lat: 30.2741, lon: 120.1551 }, timeZone: 'Asia/Shanghai' },
  { id: 'xihu', name: 'West Lake', position: { lat: 30.2431, lon: 120.1398 }, timeZone: 'Asia/Shanghai' },
];

/** The town as its operator entered it: sites, machines with their secrets, crews with their tokens. */
export const furnish = async (ledger: Ledger, plan: Plan, nowMs: number): Promise<void> => {
  await ledger.transaction(async (tx) => {
    await tx.settings.set('secret-key', SECRET_KEY);
    for (const site of SITES) await tx.sites.put(site, nowMs);
    for (const { id, machines } of plan.clients) {
      for (const { id: machine, site, model } of machines)
        await tx.equipment.put({ id: machine, site, model, name: machine }, nowMs);
      const equipment = machines.map((machine) => ({ id: machine.id, site: machine.site }));
      await tx.credentials.put({ id, secretHash: hashSecret(SECRET_KEY, secretOf(id)), equipment }, nowMs);
    }
    for (const [i, id] of CREWS.entries())
      await tx.crews.put(
        {
          id,
          name: id,
          station: null,
          position: { lat: 30.25 + i / 50, lon: 120.16 },
          skills: ['PSH', 'washer'],
          shifts: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
          timeZone: 'Asia/Shanghai',
          active: true,
        },
        nowMs,
      );
    for (const audience of ['dispatcher', ...CREWS.map((id) => `crew:${id}` as const)] as const)
      await tx.channels.put(
        {
          id: `hook-${audience.replace(':', '-')}`,
          kind: 'webhook',
          url: 'https://receiver.test/hook',
          audience,
          language: 'en',
          perMinute: 20,
          disabled: false,
        },
        'whsec_c2ltdWxhdGVk',
        nowMs,
      );
    const grant = (id: string, role: Role, crew: string | null): Promise<void> =>
      tx.people.grant({
        hash: hashSecret(SECRET_KEY, tokenOf(id)),
        kind: 'token',
        subject: id,
        role,
        crew,
        createdAtMs: nowMs,
        expiresAtMs: null,
      });
    for (const id of CREWS) await grant(id, 'crew', id);
    await grant('dispatcher', 'dispatcher', null);
  });
};
