import { useEffect, useRef, useState } from 'preact/hooks';
import { resync } from '../live/connection.ts';
import type { Answer, Failure } from './http.ts';

export interface Resource<T> {
  /** Kept while it is loaded again, so that a page never falls back to its skeleton. */
  readonly value: T | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly reload: () => void;
  /** Changes what is shown, e.g. with a live event. */
  readonly change: (change: (value: T) => T) => void;
}

/** Loads when `key` changes, when asked to, and after the live connection was lost. `null` loads nothing. */
export const useResource = <T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<Answer<T>>,
): Resource<T> => {
  const [state, setState] = useState<{ key: string | null; value: T | null; failure: Failure | null }>({
    key: null,
    value: null,
    failure: null,
  });
  const [loading, setLoading] = useState(key !== null);
  const [round, setRound] = useState(0);
  const loadNow = useRef(load);
  loadNow.current = load;
  const lost = resync.value;
  // `round` and `lost` ask for another load.
  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    setLoading(true);
    void loadNow.current(abort.signal).then((answer) => {
      if (abort.signal.aborted) return;
      setLoading(false);
      setState((before) =>
        answer.ok
          ? { key, value: answer.value, failure: null }
          : { key, value: before.key === key ? before.value : null, failure: answer.failure },
      );
    });
    return () => abort.abort();
  }, [key, round, lost]);
  const fits = state.key === key;
  return {
    value: fits ? state.value : null,
    failure: fits ? state.failure : null,
    loading: loading || !fits,
    reload: () => setRound((n) => n + 1),
    change: (change) =>
      setState((before) => (before.value === null ? before : { ...before, value: change(before.value) })),
  };
};
