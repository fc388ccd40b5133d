import type { Flag } from './marks.ts';

/** Flags nearer than this share one place. */
const NEAR_PX = 18;

/** Merges flags that would cover each other: earliest first, each with those beside it. */
export const cluster = (
  flags: readonly { readonly flag: Flag; readonly x: number }[],
): readonly { readonly x: number; readonly flags: readonly Flag[] }[] => {
  const out: { x: number; flags: Flag[] }[] = [];
  for (const { flag, x } of flags.toSorted((a, b) => a.x - b.x)) {
    const last = out.at(-1);
    if (last && x - last.x < NEAR_PX) last.flags.push(flag);
    else out.push({ x, flags: [flag] });
  }
  return out;
};

const LETTER: Readonly<Record<Flag['kind'], string>> = { ticket: '▤', fault: '!', alert: '◆', repair: '✓' };

const WORST: readonly Flag['state'][] = ['down', 'due', 'watch', 'unknown', 'normal'];

/** Buttons over a plot, one per cluster: they can be reached by key and read out, unlike canvas. */
export const flagLayer = (
  over: HTMLElement,
): { readonly place: (flags: readonly Flag[], x: (ms: number) => number, width: number) => void } => {
  const layer = document.createElement('div');
  layer.className = 'flags';
  over.append(layer);
  let drawn = '';
  return {
    place: (flags, x, width) => {
      const seen = flags
        .map((flag) => ({ flag, x: x(flag.atMs) }))
        .filter((one) => one.x >= 0 && one.x <= width);
      const clusters = cluster(seen);
      const key = clusters
        .map((c) => c.flags.map((flag) => `${flag.id}${flag.state}${flag.label}`).join())
        .join(';');
      if (key !== drawn) {
        drawn = key;
        layer.replaceChildren(...clusters.map(({ flags: members }) => button(members)));
      }
      for (const [at, { x: left }] of clusters.entries()) {
        (layer.children[at] as HTMLElement).style.transform = `translateX(${Math.round(left)}px)`;
      }
    },
  };
};

const button = (flags: readonly Flag[]): HTMLElement => {
  const worst = flags.toSorted((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state))[0]!;
  const ticket = flags.find((flag) => flag.kind === 'ticket') ?? worst;
  const made = document.createElement('button');
  made.type = 'button';
  made.className = `flag flag-${worst.state}`;
  const label = flags.map((flag) => flag.label).join('\n');
  made.title = label;
  made.setAttribute('aria-label', label);
  const mark = document.createElement('span');
  mark.textContent = flags.length > 1 ? String(flags.length) : LETTER[worst.kind];
  made.append(mark);
  // A flag is pressed, not dragged: the plot must not start to move.
  made.addEventListener('pointerdown', (event) => event.stopPropagation());
  made.addEventListener('dblclick', (event) => event.stopPropagation());
  made.addEventListener('click', (event) => {
    event.stopPropagation();
    ticket.open();
  });
  return made;
};
