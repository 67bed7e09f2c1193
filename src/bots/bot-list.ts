import { nameOfLevel } from '../topics/level';
import { type BotCounts, MAX_BOT_NAME, readStatus, STATUS_FILTER } from './bot-status';

/** Availability of DinoX itself: `dinox/<node>/availability`, `online` or `offline`. */
const AVAILABILITY = /^dinox\/([^/]+)\/availability$/;

/** Filters of everything that bots say about themselves. */
export const BOT_FILTERS = [STATUS_FILTER, 'dinox/+/availability'] as const;

/** The last message of a topic. */
export interface LastMessage {
  topic: string;
  payload: Buffer;
  /** When it came, in milliseconds since the epoch; 0: the server had kept it, so that nobody knows. */
  at: number;
}

/** The status that this connection tells, for comparison. */
export interface OwnStatus {
  topic: string;
  /** Milliseconds since the epoch. */
  since: number;
}

/**
 * A bot that was heard of; times are in milliseconds since the epoch. `silent`: it has said nothing for three
 * intervals. `forged`: its message names another bot than its topic does, and nothing of it is believed.
 */
export interface BotRow {
  topic: string;
  id: string;
  name: string;
  state: 'online' | 'offline' | 'error' | 'silent' | 'forged';
  /** When it last said something; undefined: it does not say. */
  seen: number | undefined;
  since: number | undefined;
  counts: Partial<BotCounts>;
  version: string;
  /** This connection tells it. `twin`: somebody else tells the same bot. */
  own: 'no' | 'yes' | 'twin';
}

export function isBotTopic(topic: string): boolean {
  return topic.startsWith(STATUS_FILTER.slice(0, -1)) || AVAILABILITY.test(topic);
}

/** The bots that these messages tell of, by name. */
export function botRows(messages: readonly LastMessage[], now: number, own: OwnStatus | undefined): BotRow[] {
  return messages
    .flatMap((message) => rowOf(message, now, own) ?? [])
    .sort((one, other) => one.name.localeCompare(other.name));
}

function rowOf(message: LastMessage, now: number, own: OwnStatus | undefined): BotRow | undefined {
  const { topic, payload, at } = message;
  const dinox = AVAILABILITY.exec(topic)?.[1];
  const came = at > 0 ? at : undefined;
  if (dinox !== undefined) {
    const said = payload.toString('utf8').trim().toLowerCase();
    if (said !== 'online' && said !== 'offline') return undefined;
    return { ...bare(topic, dinox), state: said, seen: came };
  }
  const heard = readStatus(topic, payload);
  if (heard === undefined) return undefined;
  if (heard === 'forged') {
    const id = nameOfLevel(topic.slice(STATUS_FILTER.length - 1)) ?? topic;
    return { ...bare(topic, id), state: 'forged', seen: came };
  }
  const { id, name, status, since, counts, version, interval } = heard;
  // The clock of another machine may be ahead of ours.
  const seen = came ?? (heard.at === undefined ? undefined : Math.min(heard.at, now));
  const isSilent = status !== 'offline' && seen !== undefined && now - seen > 3 * interval;
  return {
    ...bare(topic, id),
    ...{ name, since, counts, version, seen },
    state: isSilent ? 'silent' : status,
    own: ownOf(topic, heard, own),
  };
}

function bare(topic: string, id: string): Omit<BotRow, 'state' | 'seen'> {
  const name = id.slice(0, MAX_BOT_NAME);
  return { topic, id: name, name, since: undefined, counts: {}, version: '', own: 'no' };
}

/** A status of earlier than ours is what our predecessor left. */
function ownOf(
  topic: string,
  { since, at }: { since: number | undefined; at: number | undefined },
  own: OwnStatus | undefined,
): BotRow['own'] {
  if (topic !== own?.topic) return 'no';
  return since !== own.since && at !== undefined && at > own.since ? 'twin' : 'yes';
}
