import { MAX_PACKET_BYTES } from '../core/telemetry/limits.ts';

/** What one broker edge allows. Every queue, buffer and cache of this folder has its limit here. */
export interface BrokerLimits {
  /** Connections at once, those not yet signed in included. */
  readonly connections: number;
  /** Connections at once from one address. A gateway or a balancer brings many machines over one. */
  readonly connectionsPerAddress: number;
  /**
   * Largest packet, counted as MQTT 5 counts its Maximum Packet Size: the fixed header (the type byte and
   * the 1–4 bytes of the length) and all that follows it. One byte more, and the connection is closed.
   */
  readonly packetBytes: number;
  /** Largest CONNECT, the only packet that strangers may send. */
  readonly connectBytes: number;
  /** From TCP accept until signed in. */
  readonly connectMs: number;
  /** From the first byte of a packet to its last, while we are reading. */
  readonly packetMs: number;
  /** Tokens per second and connection; a token is a packet. A connection may save up `messageBurst`. */
  readonly messagesPerS: number;
  readonly messageBurst: number;
  readonly bytesPerS: number;
  readonly byteBurst: number;
  /** Messages of one connection that wait for the log; then its socket is not read. */
  readonly inFlightMessages: number;
  readonly inFlightBytes: number;
  /** The same for all connections together. Keep it below the log's own queue: waiting beats refusing. */
  readonly totalInFlightMessages: number;
  readonly totalInFlightBytes: number;
  /** QoS 2 packet ids of one session that wait for PUBREL. */
  readonly unreleased: number;
  /** Sessions kept for clients with clean session = 0; the oldest without a connection goes first. */
  readonly sessions: number;
  /** Credentials remembered, absent ones included. */
  readonly credentials: number;
  /** A client that does not read what we send it is closed after this. */
  readonly drainMs: number;
  /** A refused or leaving client may take this long to read our last bytes. */
  readonly lingerMs: number;
  /** After the log said that it is full, new connections are closed at once for so long. */
  readonly fullPauseMs: number;
  /** Control records that wait because the log is full. */
  readonly controls: number;
  /** Repairs older than this are not told again. */
  readonly repairsMs: number;
  /** At most so many repairs (the newest) per equipment and subscription. */
  readonly repairs: number;
  /** Refusals of one kind by one actor are written to the audit once in this time, with their count. */
  readonly auditMs: number;
  /** Actors told apart in that time; the rest is one line per reason. */
  readonly auditActors: number;
  /** Machines that open mode may enter into the ledger. */
  readonly openEquipment: number;
}

export const DEFAULT_LIMITS: BrokerLimits = {
  connections: 20_000,
  connectionsPerAddress: 10_000,
  packetBytes: MAX_PACKET_BYTES,
  connectBytes: 16 * 1024,
  connectMs: 10_000,
  packetMs: 60_000,
  messagesPerS: 10_000,
  messageBurst: 20_000,
  bytesPerS: 8 * 1024 * 1024,
  byteBurst: 16 * 1024 * 1024,
  inFlightMessages: 2_000,
  inFlightBytes: 1024 * 1024,
  totalInFlightMessages: 50_000,
  totalInFlightBytes: 24 * 1024 * 1024,
  unreleased: 1_000,
  sessions: 10_000,
  credentials: 20_000,
  drainMs: 10_000,
  lingerMs: 1_000,
  fullPauseMs: 1_000,
  controls: 10_000,
  repairsMs: 7 * 24 * 3_600_000,
  repairs: 500,
  auditMs: 60_000,
  auditActors: 64,
  openEquipment: 1_000,
};
