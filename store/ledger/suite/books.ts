import { describe, expect, it } from 'vitest';
import type { Crew } from '../../../core/crew/crew.ts';
import type { Site } from '../../../core/equipment/equipment.ts';
import { CursorError } from '../../ledger.ts';
import { allPages, type Bench, NOW_MS, opened, whats } from './fixtures.ts';

const site: Site = {
  id: 's1',
  name: '人民广场',
  position: { lat: 31.2304, lon: 121.4737 },
  timeZone: 'Asia/Shanghai',
};

const crew: Crew = {
  id: 'c1',
  name: 'Night crew',
  station: null,
  position: { lat: -1.5, lon: 0.25 },
  skills: ['PSH', 'fridge'],
  shifts: [{ days: [1, 7], from: '22:00', to: '06:00' }],
  timeZone: 'Asia/Shanghai',
  active: true,
};

const machine = (id: string, at = 's1') => ({ id, site: at, model: 'PSH-7', name: `Garage ${id}` });

export const bookSuite = ({ ledger, reopen }: Bench): void => {
  describe('sites, crews and settings', () => {
    it('gives back what was put, also after opening again', async () => {
      await ledger().sites.put(site, NOW_MS);
      await ledger().sites.put({ ...site, id: 's2', position: null }, NOW_MS);
      await ledger().crews.put(crew, NOW_MS);
      await reopen();
      expect(await ledger().sites.get('s1')).toEqual(site);
      expect((await ledger().sites.get('s2'))?.position).toBeNull();
      expect(await ledger().crews.get('c1')).toEqual(crew);
      expect(await ledger().sites.get('nowhere')).toBeNull();
    });

    it('replaces what is there already, and says so', async () => {
      await ledger().crews.put(crew, NOW_MS);
      await ledger().crews.put({ ...crew, active: false, skills: [] }, NOW_MS);
      expect(await ledger().crews.get('c1')).toEqual({ ...crew, active: false, skills: [] });
      expect(await whats(ledger())).toEqual(['crew c1 added', 'crew c1 changed']);
    });

    it('removes a crew once', async () => {
      await ledger().crews.put(crew, NOW_MS);
      expect(await ledger().crews.remove('c1', NOW_MS)).toBe(true);
      expect(await ledger().crews.remove('c1', NOW_MS)).toBe(false);
      expect(await ledger().crews.get('c1')).toBeNull();
    });

    it('lists by id, in pages that hold when rows come between', async () => {
      for (const id of ['c3', 'c1', 'c5', 'c2', 'c4']) await ledger().crews.put({ ...crew, id }, NOW_MS);
      const rows = await allPages(ledger().crews.list, 2, () =>
        ledger().crews.put({ ...crew, id: 'c0' }, NOW_MS),
      );
      expect(rows.map(({ id }) => id)).toEqual(['c1', 'c2', 'c3', 'c4', 'c5']);
    });

    it('orders ids byte by byte, in lists, pages and behind equal times, whatever language the database speaks', async () => {
      const ids = ['a-1', 'A1', '_b', 'a1', 'B', 'b', '-', 'é', 'e\u0301', 'z', '人', '🚗', 'a_1', 'Z9'];
      const byBytes = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const id of ids) {
        await ledger().crews.put({ ...crew, id }, NOW_MS);
        await ledger().settings.set(id, id);
        await opened(ledger(), { id, equipment: id });
      }
      const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
      expect(idsOf((await ledger().crews.list({ limit: 99 })).rows)).toEqual(byBytes);
      expect(idsOf(await allPages(ledger().crews.list, 1))).toEqual(byBytes);
      expect(idsOf(await allPages(ledger().tickets.list, 3))).toEqual(byBytes.toReversed());
      for (const id of ids) expect(await ledger().settings.get(id)).toBe(id);
    });

    it.each(['nonsense', 'W10', 'eyJhIjoxfQ', '', 'WzFd'])(
      'refuses the strange cursor %j',
      async (cursor) => {
        await expect(ledger().crews.list({ limit: 2, cursor })).rejects.toThrow(CursorError);
      },
    );

    it('keeps a setting that is there when it is initialised again', async () => {
      const values = await Promise.all(['a', 'b', 'c'].map((value) => ledger().settings.init('key', value)));
      expect(new Set(values).size).toBe(1);
      expect(await ledger().settings.get('key')).toBe(values[0]);
      await ledger().settings.set('key', 'z');
      expect(await ledger().settings.init('key', 'a')).toBe('z');
      expect(await ledger().settings.get('none')).toBeNull();
    });
  });

  describe('equipment', () => {
    it('is unknown until heard, and keeps what was heard when its papers change', async () => {
      await ledger().equipment.put(machine('g1'), NOW_MS);
      expect(await ledger().equipment.get('g1')).toEqual({
        ...machine('g1'),
        online: 'unknown',
        onlineAtMs: null,
        firmware: null,
        connectionId: null,
      });
      await ledger().equipment.heard('g1', {
        online: 'online',
        connectionId: 'k1',
        firmware: '1.2',
        atMs: NOW_MS + 1,
      });
      await ledger().equipment.put({ ...machine('g1'), name: 'Other' }, NOW_MS + 2);
      expect(await ledger().equipment.get('g1')).toEqual({
        ...machine('g1'),
        name: 'Other',
        online: 'online',
        onlineAtMs: NOW_MS + 1,
        firmware: '1.2',
        connectionId: 'k1',
      });
    });

    it('tells of what was heard only where something changed', async () => {
      const { equipment } = ledger();
      await equipment.put(machine('g1'), NOW_MS);
      const heard = { online: 'online', connectionId: 'k1', firmware: '1.2', atMs: NOW_MS } as const;
      await equipment.heard('g1', heard);
      await equipment.heard('g1', { ...heard, atMs: NOW_MS + 1_000 });
      await equipment.heard('g1', { ...heard, firmware: null, atMs: NOW_MS + 2_000 });
      expect((await equipment.get('g1'))?.onlineAtMs).toBe(NOW_MS);
      await equipment.heard('g1', {
        ...heard,
        online: 'offline',
        connectionId: null,
        firmware: null,
        atMs: 9,
      });
      expect(await equipment.get('g1')).toMatchObject({ online: 'offline', onlineAtMs: 9, firmware: '1.2' });
      await equipment.heard('stranger', heard);
      expect(await whats(ledger())).toEqual([
        'equipment g1 added',
        'equipment g1 online',
        'equipment g1 offline',
      ]);
    });

    it('lists a site, or all', async () => {
      for (const id of ['g2', 'g1', 'g3'])
        await ledger().equipment.put(machine(id, id === 'g2' ? 's2' : 's1'), NOW_MS);
      const ids = async (at?: string) =>
        (await ledger().equipment.list({ limit: 9, site: at })).rows.map(({ id }) => id);
      expect(await ids()).toEqual(['g1', 'g2', 'g3']);
      expect(await ids('s1')).toEqual(['g1', 'g3']);
      expect(await ids('s9')).toEqual([]);
    });
  });

  describe('credentials', () => {
    const credential = { id: 'gw', secretHash: 'ab', equipment: [{ id: 'g1', site: 's1' }] };

    it('are added, rotated, revoked and un-revoked by a rotation', async () => {
      const { credentials } = ledger();
      await credentials.put(credential, NOW_MS);
      expect(await credentials.get('gw')).toEqual({ ...credential, revoked: false });
      expect(await credentials.revoke('gw', NOW_MS)).toBe(true);
      expect(await credentials.revoke('gw', NOW_MS)).toBe(false);
      expect(await credentials.revoke('none', NOW_MS)).toBe(false);
      expect((await credentials.get('gw'))?.revoked).toBe(true);
      await credentials.put({ ...credential, secretHash: 'cd' }, NOW_MS);
      expect(await credentials.get('gw')).toEqual({ ...credential, secretHash: 'cd', revoked: false });
      expect(await whats(ledger())).toEqual([
        'credential gw added',
        'credential gw revoked',
        'credential gw rotated',
      ]);
    });

    it('are listed without what proves them', async () => {
      await ledger().credentials.put(credential, NOW_MS);
      const { rows } = await ledger().credentials.list({ limit: 1 });
      expect(rows).toEqual([{ id: 'gw', equipment: credential.equipment, revoked: false }]);
    });
  });
};
