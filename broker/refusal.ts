/** Why the broker refused a connection, or closed one. Each is a counter in `BrokerStats.refused`. */
export const REFUSALS = [
  // before a name is known
  'too-many-connections',
  'too-many-from-address',
  'connect-timeout',
  'connect-too-large',
  'not-connect-first',
  'protocol-version',
  'client-id-malformed',
  'username-not-client-id',
  'unknown-identity',
  'wrong-secret',
  'revoked',
  'will-not-own',
  'open-equipment-limit',
  // framing
  'packet-too-large',
  'packet-half-sent',
  'length-malformed',
  'second-connect',
  'packet-id-zero',
  'protocol-error',
  // what it may say and hear
  'topic-wildcard',
  'topic-malformed',
  'topic-not-own',
  'subscribe-not-own',
  'too-many-unreleased',
  // its own circumstances
  'credential-changed',
  'slow-reader',
  'keepalive-timeout',
  // ours, not the client's
  'log-full',
  'log-failed',
  'ledger-unavailable',
] as const;

export type Refusal = (typeof REFUSALS)[number];

/** Not the client's doing, or everyday life of a network: counted and logged, but no line in the audit. */
const NOT_AUDITED: ReadonlySet<Refusal> = new Set([
  'connect-timeout',
  'keepalive-timeout',
  'slow-reader',
  'log-full',
  'log-failed',
  'ledger-unavailable',
]);

export const isAudited = (reason: Refusal): boolean => !NOT_AUDITED.has(reason);

/**
 * Passes by itself. Such a CONNECT is not answered "server unavailable" but closed: mqtt.js and others take
 * any refusing CONNACK for final and never come back, while a connection that breaks is tried again.
 */
export const isTemporary = (reason: Refusal): boolean => TEMPORARY.has(reason);

const TEMPORARY: ReadonlySet<Refusal> = new Set(['log-full', 'log-failed', 'ledger-unavailable']);

/** Return code of CONNACK (MQTT 3.1.1, table 3.1) for what is refused at CONNECT for good. */
export const connackCode = (reason: Refusal): 1 | 2 | 4 | 5 => {
  switch (reason) {
    case 'protocol-version':
      return 1;
    case 'client-id-malformed':
      return 2;
    // One code for all three: nobody learns which ids exist.
    case 'unknown-identity':
    case 'wrong-secret':
    case 'revoked':
      return 4;
    default:
      return 5;
  }
};
