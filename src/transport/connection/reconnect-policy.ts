import { sentences, text } from '../../base/catalogue';
import { LinkError } from '../errors';

/** Failed tries in a row after which a found broker is searched for anew. */
const TRIES_BEFORE_SEARCH = 2;

/** A lost connection, or a failed try. */
export interface ConnectionLoss {
  reason: LinkError;
  /** True if it had been connected. */
  wasConnected: boolean;
  /** Failed tries in a row, this one included. */
  failures: number;
  /** True if the try may have failed for its MQTT version, and there is another one. */
  nextVersion: boolean;
  /** True if better versions were given up before. */
  versionsRefused: boolean;
  /** True if a search found the broker and may find another one; a typed address needs none. */
  searched: boolean;
  /** True if the link would resend by itself the message that ended the line. @default false */
  takeBack?: boolean;
  /** The link tries again by itself after this many milliseconds; undefined if it is of no more use. */
  retryInMs: number | undefined;
}

/** The step after a loss. */
export type ReconnectStep =
  /** Try the next version at once, along the same way. */
  | { next: 'version' }
  /** Stop until somebody asks for a new try. */
  | { next: 'stop'; reason: LinkError }
  /** Wait: the link comes back by itself. */
  | { next: 'wait'; inMs: number }
  /** Search for the broker; `fresh`: not in memory. `inMs` undefined: after the back-off's delay. */
  | { next: 'search'; fresh: boolean; inMs: number | undefined };

/**
 * Decides the step after a loss: the next version if this one seems to be the reason, a stop if a new try would not help
 * or would do harm, a search if the way itself has become doubtful; else the link goes on trying.
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
