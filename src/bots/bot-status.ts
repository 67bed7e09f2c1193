/** The status that a bot tells everybody: the retained JSON of `dinox/bots/status/<id>`. */
import { levelOf, nameOfLevel } from '../topics/level';

const STATUS_PREFIX = 'dinox/bots/status/';
/** Filter of the statuses of all bots. */
export const STATUS_FILTER = `${STATUS_PREFIX}+`;
/** Longest time between two statuses of a bot that lives, in seconds. */
export const STATUS_INTERVAL = 300;
/** Longest id and name of a bot, in characters. */
export const MAX_BOT_NAME = 200;
/** Longest status that is read, in bytes. */
const MAX_PAYLOAD = 10_000;

export type BotState = 'online' | 'offline' | 'error';
const STATES: readonly BotState[] = ['online', 'offline', 'error'];

export interface BotIdentity {
  id: string;
  name: string;
  /** Version of the software. */
  version: string;
}

/** Messages since the bot began, over MQTT and chat together; statuses are not counted. */
export interface BotCounts {
  received: number;
  sent: number;
  /** Messages that could not be sent, and connections that were lost. */
  errors: number;
}

/** A status as it is sent; times are ISO 8601, `interval` is in seconds. A will knows neither time nor counts. */
export interface BotStatus extends BotIdentity, Partial<BotCounts> {
  status: BotState;
  since: string;
  time?: string;
  interval: number;
}

export function statusTopic(id: string): string {
  return STATUS_PREFIX + levelOf(id);
}

/** A status from outside, bounded; `at` is when it was made, in milliseconds since the epoch. */
export interface HeardStatus {
  id: string;
  name: string;
  status: BotState;
  since: number | undefined;
  at: number | undefined;
  /** Milliseconds. */
  interval: number;
  counts: Partial<BotCounts>;
  version: string;
}

/**
 * Reads the message of a status topic. `forged`: it names another bot than its topic does, or none; undefined: it is not
 * a status, and an empty payload is none any more.
 */
export function readStatus(topic: string, payload: Buffer): HeardStatus | 'forged' | undefined {
  const id = topic.startsWith(STATUS_PREFIX) ? nameOfLevel(topic.slice(STATUS_PREFIX.length)) : undefined;
  if (id === undefined || payload.length === 0 || payload.length > MAX_PAYLOAD) return undefined;
  const said = objectOf(payload.toString('utf8'));
  if (!said) return undefined;
  if (said.id !== id) return 'forged';
  const status = STATES.find((state) => state === said.status);
  if (!status) return undefined;
  const seconds = countOf(said.interval) ?? STATUS_INTERVAL;
  return {
    id: id.slice(0, MAX_BOT_NAME),
    name: (textOf(said.name) || id).slice(0, MAX_BOT_NAME),
    status,
    since: momentOf(said.since),
    at: momentOf(said.time),
    interval: Math.max(1, Math.min(seconds, 86_400)) * 1_000,
    counts: {
      ...optional('received', countOf(said.received)),
      ...optional('sent', countOf(said.sent)),
      ...optional('errors', countOf(said.errors)),
    },
    version: textOf(said.version).slice(0, 40),
  };
}

function objectOf(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.floor(value) : undefined;
}

function momentOf(value: unknown): number | undefined {
  const at = Date.parse(textOf(value).slice(0, 40));
  return Number.isNaN(at) ? undefined : at;
}

function optional<K extends string>(key: K, value: number | undefined): Partial<Record<K, number>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, number>);
}
