import { sentences, text } from '../../base/catalogue';
import { LinkError } from '../errors';

/** Losses in a row without a connection after which a found way is looked for anew. */
const TRIES_BEFORE_SEARCH = 2;

/** A connection that was lost, or did not come about. */
export interface ConnectionLoss {
  reason: LinkError;
  /** It had come about. */
  wasConnected: boolean;
  /** Tries in a row that brought no connection, this one included. */
  failures: number;
  /** The try may have failed for its MQTT version, and there is another one. */
  nextVersion: boolean;
  /** Better versions were given up before. */
  versionsRefused: boolean;
  /** The way was found by a search, which may find another one; what was typed needs none. */
  searched: boolean;
  /** The link would send again by itself what the line was lost behind. @default false */
  takeBack?: boolean;
  /** The link tries again by itself after this many milliseconds; undefined: it is of no more use. */
  retryInMs: number | undefined;
}

/** What is done about it. */
export type ReconnectStep =
  /** At once, along the same way. */
  | { next: 'version' }
  /** Until somebody asks for a new try. */
  | { next: 'stop'; reason: LinkError }
  /** The link comes back by itself. */
  | { next: 'wait'; inMs: number }
  /** The broker is looked for; `fresh`: not in memory. Undefined: as long as the back-off says. */
  | { next: 'search'; fresh: boolean; inMs: number | undefined };

/**
 * The next version where this one seems to be why, a stop where trying again would not help or would do harm, a search
 * where the way itself has become doubtful; else the link goes on trying.
 */
export function reconnectPolicy(loss: ConnectionLoss): ReconnectStep {
  const { reason, wasConnected, retryInMs } = loss;
  if (!wasConnected && loss.nextVersion) return { next: 'version' };
  if (reason.fatal) return { next: 'stop', reason };
  if (reason.code === 'version') {
    const advice = sentences(reason.text, text('mqtt.doVersionAuto'));
    return { next: 'stop', reason: new LinkError('version', advice, true, { cause: reason }) };
  }
  const fresh = loss.searched && loss.failures >= TRIES_BEFORE_SEARCH;
  // A link speaks one version as long as it lives.
  const anotherLink = fresh || loss.takeBack === true || (!wasConnected && loss.versionsRefused);
  if (retryInMs !== undefined && !anotherLink) return { next: 'wait', inMs: retryInMs };
  return { next: 'search', fresh, inMs: retryInMs };
}
