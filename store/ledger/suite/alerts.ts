import { describe, expect, it } from 'vitest';
import type { AlertEvent } from '../../../core/alert/alert.ts';
import { allPages, type Bench, event, NOW_MS, noted, opened, stepped, whats } from './fixtures.ts';

export const alertSuite = ({ ledger, reopen }: Bench): void => {
  describe('alerts', () => {
    it('stand as their events left them', async () => {
      const raised = event(1, 'raised');
      expect(await ledger().alerts.apply([raised])).toEqual([raised]);
      expect(await ledger().alerts.get('a1')).toEqual({
        id: 'a1',
        equipment: 'g1',
        unit: 'bay7',
        component: 'hoist',
        rule: 'limit:hoistCurrentA:high',
        severity: 'S2',
        state: 'active',
        raisedAtMs: NOW_MS + 1,
        raisedHeardAtMs: NOW_MS + 6,
        updatedAtMs: NOW_MS + 1,
        clearedAtMs: null,
        reason: 'limit-exceeded',
        acknowledgedAtMs: null,
        acknowledgedBy: null,
        ticket: null,
        evidence: raised.evidence,
      });
      const updated = event(2, 'updated', { severity: 'S1', reason: 'severity-raised' });
      await ledger().alerts.apply([updated, event(3, 'cleared', { severity: 'S3' })]);
      await reopen();
      expect(await ledger().alerts.get('a1')).toMatchObject({
        state: 'cleared',
        severity: 'S3',
        raisedAtMs: NOW_MS + 1,
        raisedHeardAtMs: NOW_MS + 6,
        updatedAtMs: NOW_MS + 3,
        clearedAtMs: NOW_MS + 3,
        reason: 'back-within-limit',
        // What it was raised on, not what was seen when it ended.
        evidence: updated.evidence,
      });
      expect((await ledger().alerts.timeline('a1')).map(({ type, reason }) => `${type} ${reason}`)).toEqual([
        'raised limit-exceeded',
        'updated severity-raised',
        'cleared back-within-limit',
      ]);
      expect(await whats(ledger())).toEqual(['alert a1 raised', 'alert a1 updated', 'alert a1 cleared']);
    });

    it('apply each event once, whatever is sent again and in which company', async () => {
      const first = [event(1, 'raised'), event(2, 'updated')];
      await ledger().alerts.apply(first);
      const more = [...first, event(3, 'updated'), event(3, 'updated')];
      expect((await ledger().alerts.apply(more)).map(({ key }) => key.offset)).toEqual([3]);
      const sameOffset = event(3, 'updated', { key: { partition: 0, offset: 3, index: 1 } });
      const otherPartition = event(3, 'updated', { key: { partition: 1, offset: 3, index: 0 } });
      expect(await ledger().alerts.apply([otherPartition, sameOffset])).toHaveLength(2);
      expect(await ledger().alerts.timeline('a1')).toHaveLength(5);
      expect(await ledger().alerts.apply([])).toEqual([]);
    });

    it('are not raised again by a replay after they were cleared and their ticket was closed', async () => {
      const events = [event(1, 'raised'), event(2, 'cleared')];
      await ledger().alerts.apply(events);
      const work = await opened(ledger());
      await ledger().alerts.note(noted('ticketed'), work.id);
      await stepped(ledger(), work, { state: 'closed', closedAtMs: NOW_MS, closeReason: 'recovery-seen' });
      const before = { alert: await ledger().alerts.get('a1'), head: await ledger().head() };
      expect(await ledger().alerts.apply(events)).toEqual([]);
      expect(await ledger().alerts.apply(events.slice(0, 1))).toEqual([]);
      expect({ alert: await ledger().alerts.get('a1'), head: await ledger().head() }).toEqual(before);
    });

    it('are acknowledged by the first who does, until they end', async () => {
      await ledger().alerts.apply([event(1, 'raised')]);
      await ledger().alerts.note(noted('acknowledged', { note: 'on my way' }));
      await ledger().alerts.note(noted('acknowledged', { actor: 'wang', atMs: NOW_MS + 200 }));
      await ledger().alerts.apply([event(2, 'updated')]);
      expect(await ledger().alerts.get('a1')).toMatchObject({
        acknowledgedBy: 'lin',
        acknowledgedAtMs: NOW_MS + 100,
        updatedAtMs: NOW_MS + 2,
      });
      await ledger().alerts.apply([event(3, 'cleared')]);
      await ledger().alerts.note(noted('acknowledged', { actor: 'late' }));
      expect(await ledger().alerts.get('a1')).toMatchObject({ acknowledgedBy: null, acknowledgedAtMs: null });
      const lines = await ledger().alerts.timeline('a1');
      expect(lines.map(({ type, actor }) => `${type} ${actor}`)).toEqual([
        'raised null',
        'acknowledged lin',
        'acknowledged wang',
        'updated null',
        'cleared null',
        'acknowledged late',
      ]);
      expect(lines[1]?.note).toBe('on my way');
    });

    it('carry their ticket, and are found by it', async () => {
      await ledger().alerts.apply([event(1, 'raised'), event(2, 'raised', { alert: 'a2' })]);
      await ledger().alerts.note(noted('ticketed', { alert: 'a2', actor: null }), 't9');
      await ledger().alerts.apply([event(3, 'updated', { alert: 'a2' })]);
      const { rows } = await ledger().alerts.list({ limit: 5, ticket: 't9' });
      expect(rows.map(({ id, ticket }) => [id, ticket])).toEqual([['a2', 't9']]);
    });

    it('must be there to be noted on', async () => {
      await expect(ledger().alerts.note(noted('commented'))).rejects.toThrow('a1');
    });

    it('are listed newest first, by state and equipment', async () => {
      const events: AlertEvent[] = Array.from({ length: 450 }, (_, i) =>
        event(i, 'raised', { alert: `a${i}`, equipment: `g${i % 3}`, atMs: NOW_MS + Math.floor(i / 2) }),
      );
      expect(await ledger().alerts.apply(events)).toHaveLength(450);
      await ledger().alerts.apply([event(900, 'cleared', { alert: 'a3' })]);
      let disturbed = 1_000;
      const rows = await allPages(ledger().alerts.list, 100, async () => {
        disturbed += 1;
        await ledger().alerts.apply([event(disturbed, 'raised', { alert: `b${disturbed}` })]);
      });
      expect(new Set(rows.map(({ id }) => id)).size).toBe(450);
      expect(rows.map(({ raisedAtMs }) => raisedAtMs)).toEqual(
        rows.map(({ raisedAtMs }) => raisedAtMs).sort((a, b) => b - a),
      );
      const g0 = await ledger().alerts.list({ limit: 500, state: 'active', equipment: 'g0' });
      expect(g0.rows).toHaveLength(149);
      const active = await ledger().alerts.active(['g0', 'g2', 'g0', 'nothing']);
      expect(active).toHaveLength(299);
      expect(await ledger().alerts.active([])).toEqual([]);
    });
  });
};
