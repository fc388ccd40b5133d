const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'no such host',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no way there',
  ENETUNREACH: 'no way there',
  ECONNRESET: 'it closed the connection',
};

/** CONNACK return codes of MQTT 3.1.1. */
const REFUSED: Readonly<Record<number, string>> = {
  1: 'MQTT 3.1.1 is not spoken there',
  2: 'the id is not accepted',
  3: 'the service is not available just now',
  4: 'unknown equipment or wrong secret',
  5: 'unknown equipment or wrong secret',
};

/** What went wrong and what to do about it, in one line and without the secret. */
export const words = (error: Error, at: { readonly url: string; readonly id: string }): string => {
  const { code } = error as Error & { code?: string | number };
  if (typeof code === 'string' && UNREACHABLE[code]) {
    return `${at.url} can't be reached (${UNREACHABLE[code]}): start the service there or give its address with --url`;
  }
  if (typeof code === 'number' && REFUSED[code]) {
    const mend =
      code >= 4
        ? ': give the secrets of "precall equipment add --json" with --secrets FILE, or let the service run with PRECALL_OPEN=true'
        : '';
    return `${at.url} refuses ${at.id} (${REFUSED[code]})${mend}`;
  }
  return `${at.url}: ${error.message}`;
};
