/** The status that a bot tells everybody: the retained JSON of `dinox/bots/status/<id>`. */
import { levelOf } from '../topics/level';

const STATUS_PREFIX = 'dinox/bots/status/';
/** Longest time between two statuses of a bot that lives, in seconds. */
export const STATUS_INTERVAL = 300;
/** Longest id and name of a bot, in characters. */
export const MAX_BOT_NAME = 200;

export type BotState = 'online' | 'offline' | 'error';

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
