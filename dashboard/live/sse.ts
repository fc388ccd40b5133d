/** One server-sent event. */
export interface ServerEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** A line longer than this is not one of ours; the connection is given up. */
const MAX_BUFFER = 4 * 1024 * 1024;

/**
 * Takes an event stream apart as it comes in, in pieces cut anywhere (WHATWG HTML, "server-sent events").
 * Own reader instead of EventSource: that one gives up for good on a 503 and forgets the last event id.
 */
export const sseReader = (
  onEvent: (event: ServerEvent) => void,
  onRetry: (ms: number) => void = () => {},
): ((chunk: string) => void) => {
  let rest = '';
  let id: string | null = null;
  let event = '';
  let data: string[] = [];

  const line = (text: string): void => {
    if (text === '') {
      if (data.length > 0) onEvent({ id, event: event === '' ? 'message' : event, data: data.join('\n') });
      event = '';
      data = [];
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return; // a comment: the server's sign of life
    const field = colon === -1 ? text : text.slice(0, colon);
    const value = colon === -1 ? '' : text.slice(colon + (text[colon + 1] === ' ' ? 2 : 1));
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) onRetry(Number(value));
  };

  return (chunk) => {
    rest += chunk;
    if (rest.length > MAX_BUFFER) throw new Error(`an event is longer than ${MAX_BUFFER} characters`);
    for (;;) {
      const end = rest.search(/[\r\n]/);
      // A \r at the very end may be half of \r\n.
      if (end === -1 || (rest[end] === '\r' && end === rest.length - 1)) return;
      const width = rest[end] === '\r' && rest[end + 1] === '\n' ? 2 : 1;
      line(rest.slice(0, end));
      rest = rest.slice(end + width);
    }
  };
};
