import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import type { Link } from '../link';
import type { Publication } from '../messages';

import { type AdaptContext, adaptPublication } from './adapt-publication';

/** Longest wait for the birth or close message to leave, in milliseconds. */
const PATIENCE = 2_000;

const NOT_SENT = { birth: 'mqtt.birthNotSent', close: 'mqtt.closeNotSent' } as const;

/**
 * Sends the birth or close message past the queue: it belongs to this connection, and must never wait for the next.
 * Resolves when it is out, after two seconds at most.
 */
export function announce(
  link: Link,
  context: AdaptContext,
  publication: Publication,
  kind: 'birth' | 'close',
  clock: Clock,
): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.after(PATIENCE, resolve);
    const sent = (error?: Error): void => {
      stop();
      if (error) context.notice(`${kind}-failed`, text(NOT_SENT[kind], { text: textOf(error) }));
      resolve();
    };
    try {
      link.publish(adaptPublication(publication, context), sent);
    } catch (error) {
      sent(error as Error);
    }
  });
}
