import { sentences, text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import { LinkError } from '../errors';
import type { Publication } from '../messages';
import type { StoredMessage } from './journal-record';

/**
 * The lifetime of a message (MQTT 5 §3.3.2.3.3) runs while it waits here, whatever the version of the connection: an
 * expired message must not be sent after an outage, and the server gets the remaining seconds.
 */
export function withExpiry(publication: Publication, now: number): Publication {
  const seconds = publication.properties?.messageExpiryInterval;
  if (seconds === undefined) return publication;
  // A message with 0 passes while connected, and does not wait.
  return { ...publication, expires: now + Math.max(1, seconds) * 1_000 };
}

/** Why it is not sent any more; undefined: it is still wanted. `now`: by the steady clock. */
export function expired({ expires, properties }: Publication, now: number): Text | undefined {
  if (expires === undefined || now < expires) return undefined;
  return text('mqtt.expired', { seconds: properties?.messageExpiryInterval ?? 0 });
}

/** Which message it was. */
export function topicText(topic: string): Text {
  return text('mqtt.topic', { topic: plain(topic, 100) });
}

/** The message as it is sent now. Throws a {@link LinkError} if it has expired. */
export function restOf(publication: Publication, clock: Clock): Publication {
  const { expires, properties, topic } = publication;
  if (expires === undefined) return publication;
  const now = clock.steady();
  const late = expired(publication, now);
  if (late) throw new LinkError('timeout', sentences(late, topicText(topic)));
  const given = properties?.messageExpiryInterval ?? 0;
  const messageExpiryInterval = Math.min(given, Math.ceil((expires - now) / 1_000));
  return { ...publication, properties: { ...properties, messageExpiryInterval } };
}

type ExpiringPublication = Pick<StoredMessage, 'due' | 'publication'>;

/**
 * The message as it is written to disk: with wall-clock times (milliseconds since the epoch), which survive the
 * process.
 */
export function onDisk<T extends ExpiringPublication>(message: T, clock: Clock): T {
  return shifted(message, clock.now() - clock.steady());
}

/**
 * The message as it waits in memory: by the steady clock, so that setting the machine's clock neither ends nor
 * prolongs a wait.
 */
export function inMemory<T extends ExpiringPublication>(message: T, clock: Clock): T {
  return shifted(message, clock.steady() - clock.now());
}

function shifted<T extends ExpiringPublication>(message: T, by: number): T {
  const { publication, due } = message;
  const { expires } = publication;
  return {
    ...message,
    due: due + by,
    publication: expires === undefined ? publication : { ...publication, expires: expires + by },
  };
}
