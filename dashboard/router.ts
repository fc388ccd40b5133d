import { computed, signal } from '@preact/signals';

/** Where the page is: the path and the view (`?unit=bay7&from=…`). A small router on the History API. */
export const place = signal<{ readonly path: string; readonly query: URLSearchParams }>({
  path: '/',
  query: new URLSearchParams(),
});

const read = (): void => {
  place.value = { path: location.pathname, query: new URLSearchParams(location.search) };
};

const url = (path: string, query?: URLSearchParams): string => {
  const search = query?.toString() ?? '';
  return search === '' ? path : `${path}?${search}`;
};

export const go = (path: string, query?: URLSearchParams): void => {
  history.pushState(null, '', url(path, query));
  read();
};

/** Changes the view without a step in the history: the back button leaves the page, not the zoom. */
export const restate = (query: URLSearchParams): void => {
  const next = url(location.pathname, query);
  if (next === location.pathname + location.search) return;
  history.replaceState(null, '', next);
  read();
};

/** `/equipment/:id` against a path: the named parts, or null. Broken percent-encoding matches nothing. */
export const match = (pattern: string, path: string): Readonly<Record<string, string>> | null => {
  const wanted = pattern.split('/');
  const given = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (const [at, want] of wanted.entries()) {
    const have = given[at] ?? '';
    if (!want.startsWith(':')) {
      if (want !== have) return null;
      continue;
    }
    try {
      parts[want.slice(1)] = decodeURIComponent(have);
    } catch {
      return null;
    }
    if (have === '') return null;
  }
  return parts;
};

export const path = computed(() => place.value.path);

/** Links of this site change the place without loading; modified clicks stay the browser's. */
const follow = (event: MouseEvent): void => {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const link = (event.target as Element | null)?.closest?.('a[href]');
  if (!(link instanceof HTMLAnchorElement) || link.target !== '' || link.origin !== location.origin) return;
  if (link.pathname.startsWith('/api/') || link.hash !== '') return;
  event.preventDefault();
  if (link.href !== location.href) go(link.pathname, new URLSearchParams(link.search));
};

export const startRouter = (): void => {
  addEventListener('popstate', read);
  document.addEventListener('click', follow);
  read();
};
