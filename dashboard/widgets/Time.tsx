import { now } from '../clock/now.ts';
import { ago, at } from '../format/time.ts';

/** "3 min ago", with the exact time of its site's zone on hover. */
export const Ago = ({
  ms,
  zone,
  live = true,
}: {
  readonly ms: number;
  readonly zone: string;
  readonly live?: boolean;
}) => (
  <time dateTime={new Date(ms).toISOString()} title={`${at('exact', ms, zone)} · ${zone}`}>
    {ago(ms, live ? now.value : now.peek())}
  </time>
);
