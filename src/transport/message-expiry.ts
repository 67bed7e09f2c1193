import type { Clock } from '../time/clock';
import { quote } from '../topics/filter';
import { LinkError } from './errors';
import type { Publication } from './messages';

/**
 * The lifetime that a message was given (MQTT 5 §3.3.2.3.3) runs while it waits here, whatever the version of the
 * connection: what is over must not be sent after an outage, and the server gets the rest of the seconds.
 */
export function withExpiry(publication: Publication, now: number): Publication {
  const seconds = publication.properties?.messageExpiryInterval;
  if (seconds === undefined) return publication;
  // With 0 it passes where there is a connection, and does not wait.
  return { ...publication, expires: now + Math.max(1, seconds) * 1_000 };
}

/** Why it is not sent any more; undefined: it is still wanted. `now`: milliseconds since the epoch. */
export function expired({ expires, properties }: Publication, now: number): string | undefined {
  if (expires === undefined || now < expires) return undefined;
  return `Not sent: its ${properties?.messageExpiryInterval} s (messageExpiryInterval) were over before there was a connection.`;
}

/** As it is sent now. Throws a {@link LinkError} where its time is over. */
export function restOf(publication: Publication, clock: Clock): Publication {
  const { expires, properties, topic } = publication;
  if (expires === undefined) return publication;
  const now = clock.now();
  const late = expired(publication, now);
  if (late) throw new LinkError('timeout', `${late} Topic: ${quote(topic, 100)}`);
  const given = properties?.messageExpiryInterval ?? 0;
  const messageExpiryInterval = Math.min(given, Math.ceil((expires - now) / 1_000));
  return { ...publication, properties: { ...properties, messageExpiryInterval } };
}
