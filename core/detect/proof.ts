import type { Band, Evidence } from '../alert/alert.ts';

interface Proof {
  readonly metric?: string | null;
  readonly code?: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly expected?: Band | null;
  readonly seen?: number | null;
  readonly sample?: Evidence['sample'];
}

/** Evidence of detectors that judge neither by a series' normal nor by the controller's word. */
export const proofOf = (detector: Evidence['detector'], proof: Proof): Evidence => ({
  detector,
  metric: proof.metric ?? null,
  code: proof.code ?? null,
  window: { fromMs: proof.fromMs, toMs: proof.toMs },
  expected: proof.expected ?? null,
  seen: proof.seen ?? null,
  crossing: null,
  sample: proof.sample ?? null,
  detail: null,
});
