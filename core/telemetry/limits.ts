/** Limits on what equipment may send. CONTRACT §3; one place, used by broker, ingest and simulators. */
export const EQUIPMENT_ID = /^[A-Za-z0-9_-]{1,64}$/;
export const METRIC_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
export const MAX_READINGS_PER_MESSAGE = 1_000;
export const MAX_METRICS_PER_READING = 64;
export const MAX_PACKET_BYTES = 256 * 1024;
/** A reading further ahead of the receive time than this goes to quarantine. */
export const MAX_FUTURE_MS = 5 * 60_000;
/** Two readings without device time and with one `seq` are the same within this time. */
export const SEQ_IDENTITY_MS = 10 * 60_000;
