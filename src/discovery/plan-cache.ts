/** A plan kept over a restart, so that the start does not wait for a resolution. Holds no secret. */

import { createHash } from 'node:crypto';
import { type TextKey, text } from '../base/catalogue';
import type { Text } from '../base/text';
import type { Plan, Question, Secrets } from './types';

/** Format of stored plans; raise it when older plans can no longer be read. */
const FORMAT = 3;

/** Store for remembered plans; the runtime keeps them in files. */
export interface PlanStore {
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
}

export interface CachedPlan {
  /** {@link questionKey} of the question that the plan answers. */
  key: string;
  plan: Plan;
}

/**
 * Names a question: the same for the same fields, in whatever order. The secrets count only as present or absent,
 * since the choice of the login depends on that.
 * @param salt other dependencies of the answer, such as the id of the `tls-config`.
 * @returns 32 hexadecimal digits.
 */
export function questionKey(question: Question, secrets: Secrets, salt = ''): string {
  const given = [secrets.password, secrets.user, secrets.mqttPassword].map((text) => (text ?? '') !== '');
  const text = JSON.stringify([FORMAT, canonical(question), given, salt]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  return Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, entry]) => [name, canonical(entry)]);
}

export function serialisePlan(remembered: CachedPlan): string {
  return JSON.stringify({ format: FORMAT, ...remembered });
}

/** @returns undefined for anything that is not a whole plan of this format. */
export function parsePlan(text: string | undefined): CachedPlan | undefined {
  try {
    const { format, key, plan } = JSON.parse(text ?? '') as { format: unknown; key: unknown; plan: unknown };
    return format === FORMAT && typeof key === 'string' && isPlan(plan) ? { key, plan } : undefined;
  } catch {
    return undefined;
  }
}

/** True if a remembered plan answers this question. */
export function isStillFor(question: Question, secrets: Secrets, remembered: CachedPlan, salt = ''): boolean {
  return remembered.key === questionKey(question, secrets, salt);
}

const TRANSPORT_REASONS: readonly unknown[] = ['local', 'remote', 'unconfirmed', 'untrusted', 'absent'];

function isPlan(value: unknown): value is Plan {
  if (typeof value !== 'object' || value === null) return false;
  const { serverType, mqtt, pubsub, transport, services, steps, notices, at } = value as Partial<Plan>;
  if (!['ejabberd', 'prosody', 'mosquitto'].includes(serverType ?? '')) return false;
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) return false;
  if (typeof services !== 'object' || services === null || !Array.isArray(steps) || !Array.isArray(notices))
    return false;
  if (pubsub !== undefined && typeof pubsub?.service !== 'string') return false;
  if (transport !== undefined && !TRANSPORT_REASONS.includes(transport?.why)) return false;
  if (mqtt === undefined) return true;
  const { endpoint, servername, login } = mqtt;
  return (
    ['mqtt', 'mqtts', 'ws', 'wss'].includes(endpoint?.protocol) &&
    typeof endpoint.host === 'string' &&
    Number.isInteger(endpoint.port) &&
    typeof servername === 'string' &&
    ['account', 'typed', 'none'].includes(login)
  );
}

const UNITS: readonly (readonly [number, TextKey])[] = [
  [86_400_000, 'discovery.daysAgo'],
  [3_600_000, 'discovery.hoursAgo'],
  [60_000, 'discovery.minutesAgo'],
];

/** `3 h ago`, `less than a minute ago`. */
export function ageText(plan: Pick<Plan, 'at'>, now: number): Text {
  const age = Math.max(0, now - Date.parse(plan.at));
  for (const [ms, key] of UNITS) {
    const count = Math.floor(age / ms);
    if (count > 0) return text(key, { count });
  }
  return text('discovery.justNow');
}
