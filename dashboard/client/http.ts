import { alignClock } from '../clock/now.ts';
import { t } from '../words/words.ts';

/** What can go wrong between this page and the service: an expected outcome, hence a value. */
export interface Failure {
  readonly kind:
    | 'network'
    | 'unauthorised'
    | 'forbidden'
    | 'missing'
    | 'conflict'
    | 'limited'
    | 'refused'
    | 'server';
  readonly status: number;
  /** The service's own words, where it had any. */
  readonly detail: string;
  readonly reason: string | null;
}
export type Answer<T> =
  | { readonly ok: true; readonly value: T; readonly status: number }
  | { readonly ok: false; readonly failure: Failure };

export type Query = Readonly<Record<string, string | number | undefined>>;

const BASE = '/api/v1';
const TIMEOUT_MS = 20_000;

export const address = (path: string, query: Query = {}): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return `${BASE}${path}${text === '' ? '' : `?${text}`}`;
};

const KINDS: Readonly<Record<number, Failure['kind']>> = {
  401: 'unauthorised',
  403: 'forbidden',
  404: 'missing',
  409: 'conflict',
  429: 'limited',
};

const failureOf = async (response: Response): Promise<Failure> => {
  const problem = (await response.json().catch(() => ({}))) as {
    readonly title?: string;
    readonly detail?: string;
    readonly reason?: string;
  };
  const kind = KINDS[response.status] ?? (response.status >= 500 ? 'server' : 'refused');
  return {
    kind,
    status: response.status,
    detail: problem.detail ?? problem.title ?? '',
    reason: problem.reason ?? null,
  };
};

/** Called with every 401 of a request that needed a session. */
let onSignedOut: () => void = () => {};
export const whenSignedOut = (listener: () => void): void => {
  onSignedOut = listener;
};

const ask = async <T>(path: string, init: RequestInit, quiet = false): Promise<Answer<T>> => {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(path, {
      ...init,
      credentials: 'same-origin',
      signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
    });
    alignClock(response.headers.get('date'));
    if (!response.ok) {
      const failure = await failureOf(response);
      if (failure.kind === 'unauthorised' && !quiet) onSignedOut();
      return { ok: false, failure };
    }
    const value = (response.status === 204 ? null : await response.json()) as T;
    return { ok: true, value, status: response.status };
  } catch {
    return { ok: false, failure: { kind: 'network', status: 0, detail: '', reason: null } };
  }
};

export const get = <T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer<T>> =>
  ask<T>(address(path, query), { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) });

/** `key` is the Idempotency-Key: the same for every try of one intent, so that a retry can't do it twice. */
export const post = <T>(path: string, body: unknown, key: string, quiet = false): Promise<Answer<T>> =>
  ask<T>(
    address(path),
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    },
    quiet,
  );

export const readSession = <T>(): Promise<Answer<T>> =>
  ask<T>(address('/session'), { headers: { accept: 'application/json' } }, true);

export const endSession = (): Promise<Answer<unknown>> =>
  ask(address('/session'), { method: 'DELETE' }, true);

/** crypto.randomUUID exists on https and localhost only; a yard's server may be plain http. */
export const newKey = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
};

/** What happened, what is safe and what to do now, in words. */
export const failureWords = (failure: Failure): string => {
  switch (failure.kind) {
    case 'network':
      return t('error.network');
    case 'server':
      return t('error.server', { status: failure.status });
    case 'forbidden':
      return t('error.forbidden');
    case 'missing':
      return t('error.missing');
    case 'limited':
      return t('signin.tooMany');
    case 'unauthorised':
      return t('signin.ended');
    default:
      return failure.detail === '' ? t('error.server', { status: failure.status }) : failure.detail;
  }
};

/** Reads a list page by page, at most `limit` items; `more` tells that there would be others. */
export const all = async <T>(
  path: string,
  query: Query,
  limit: number,
  signal?: AbortSignal,
): Promise<Answer<{ readonly items: readonly T[]; readonly more: boolean }>> => {
  const items: T[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await get<{ items: readonly T[]; next: string | null }>(
      path,
      { ...query, limit: Math.min(200, limit - items.length), cursor },
      signal,
    );
    if (!page.ok) return page;
    items.push(...page.value.items);
    const next = page.value.next;
    if (next === null || items.length >= limit) {
      return { ok: true, status: page.status, value: { items, more: next !== null } };
    }
    cursor = next;
  }
};
