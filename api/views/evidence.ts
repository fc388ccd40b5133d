import type { Evidence } from '../../core/alert/alert.ts';
import type { EvidenceView } from '../contract/schemas.ts';
import { iso, isoOrNull } from './time.ts';

export const evidenceView = (evidence: Evidence): EvidenceView => ({
  detector: { ...evidence.detector },
  metric: evidence.metric,
  code: evidence.code,
  window: { from: iso(evidence.window.fromMs), to: iso(evidence.window.toMs) },
  expected: evidence.expected && { ...evidence.expected },
  seen: evidence.seen,
  crossing: evidence.crossing && {
    limit: evidence.crossing.limit,
    at: iso(evidence.crossing.atMs),
    earliestAt: iso(evidence.crossing.earliestMs),
    latestAt: isoOrNull(evidence.crossing.latestMs),
  },
  sample: evidence.sample && { ts: [...evidence.sample.tsMs], value: [...evidence.sample.value] },
  others: (evidence.others ?? []).map(({ metric, expected, seen, sinceMs }) => ({
    metric,
    expected: expected && { ...expected },
    seen,
    since: iso(sinceMs),
  })),
  peers: evidence.peers
    ? {
        ...evidence.peers,
        band: { ...evidence.peers.band },
        sample: evidence.peers.sample.map((peer) => ({ ...peer })),
      }
    : null,
  rules: evidence.rules ?? null,
  detail: evidence.detail,
});
