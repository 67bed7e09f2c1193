import { BoundedMap } from '../../base/bounded-map';
import { sentences, text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import { LinkError } from '../errors';
import type { Publication } from '../messages';

/** Time in which nothing like it is sent, in milliseconds. */
const SPARED = 600_000;
/** Most messages that are remembered. */
const MAX = 500;

interface Case {
  bytes: number;
  qos: number;
  retain: boolean;
  until: number;
  reason: LinkError;
}

/**
 * Messages behind which the line died until they were given up. A flow sends the next one of the kind soon: it is not
 * tried for ten minutes, or the line would be down more often than up.
 */
export class Quarantine {
  private readonly cases = new BoundedMap<string, Case>(MAX);

  get isEmpty(): boolean {
    return this.cases.size === 0;
  }

  /** @returns error for its flow */
  add(publication: Publication, bytes: number, reason: LinkError, now: number): LinkError {
    const { topic, qos, retain } = publication;
    this.cases.set(topic, { bytes, qos, retain, until: now + SPARED, reason });
    return givenUp(text('mqtt.givenUp', { minutes: SPARED / 60_000 }), publication, bytes, reason);
  }

  /** The reason why this one is not sent; undefined if it may be. */
  refuses(publication: Publication, bytes: number, now: number): LinkError | undefined {
    const { topic, qos, retain } = publication;
    const like = this.cases.get(topic);
    if (!like) return undefined;
    if (now >= like.until) {
      this.cases.delete(topic);
      return undefined;
    }
    // A message that is smaller, has a lower QoS than 2, or is not retained may pass although that one did not.
    if (bytes < like.bytes || (like.qos === 2 && qos < 2) || (like.retain && !retain)) return undefined;
    const minutes = Math.ceil((like.until - now) / 60_000);
    return givenUp(text('mqtt.likeGivenUp', { minutes }), publication, bytes, like.reason);
  }

  forget(): void {
    this.cases.clear();
  }
}

function givenUp(what: Text, publication: Publication, bytes: number, cause: LinkError): LinkError {
  const { topic, qos, retain } = publication;
  const kind = { topic: plain(topic, 100), bytes, qos };
  const why = sentences(
    what,
    retain ? text('mqtt.itsTopicRetained', kind) : text('mqtt.itsTopic', kind),
    oddCharacters(topic),
    text('mqtt.lastLoss', { text: cause.text }),
    text('mqtt.doChangeMessage'),
  );
  return new LinkError('refused', why, false, { cause, said: cause.said });
}

/** Characters for which a server may close the connection (MQTT 5 §1.5.4), by their numbers: nobody can see them. */
export function oddCharacters(topic: string): Text | undefined {
  const odd = new Set<string>();
  for (const char of topic) {
    const code = char.codePointAt(0) ?? 0;
    const control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
    const none = (code & 0xfffe) === 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
    if (control || none) odd.add(`U+${code.toString(16).toUpperCase().padStart(4, '0')}`);
  }
  const named = [...odd].slice(0, 5).join(', ');
  return named ? text('mqtt.oddCharacters', { characters: named }) : undefined;
}
