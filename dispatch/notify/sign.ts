import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/**
 * The signature of Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA-256 over `id.timestamp.body`, with the bytes that the
 * secret's base64 stands for; `v1,` and base64. `timestampS` is Unix seconds.
 */
export const sign = (secret: string, id: string, timestampS: number, body: string): string => {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')}`;
};
