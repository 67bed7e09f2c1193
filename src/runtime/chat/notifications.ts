import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import { levelOf } from '../../topics/level';
import type { Publication } from '../../transport/messages';
import type { Done } from '../../transport/outbox/outbox';
import type { Notified } from '../../xmpp/sending/send-request';
import type { Log } from '../node-contract';

/** Most characters of a notification's text; the chat message has all of it. */
const MAX_TEXT = 1_000;
const MAX_TITLE = 200;

/** A chat message that is announced. */
export interface Announced extends Notified {
  /** Id of its stanza: whoever was woken knows it again. */
  id: string;
  /** Bare JID of the person. */
  to: string;
  text: string;
}

/** The wake-up for a chat message: `dinox/notifications/<account>`. @param expiry in milliseconds */
export function notificationOf(message: Announced, now: number, expiry: number): Publication {
  const { id, to, text: said, title = '', severity, topic } = message;
  const payload = {
    id,
    title: title.slice(0, MAX_TITLE),
    text: said.slice(0, MAX_TEXT).replace(/\p{Cs}/gu, ''),
    ...(severity === undefined ? {} : { severity }),
    ...(topic === undefined ? {} : { topic }),
    time: new Date(now).toISOString(),
    expires: new Date(now + expiry).toISOString(),
  };
  return {
    topic: `dinox/notifications/${levelOf(to)}`,
    payload: JSON.stringify(payload),
    qos: 1,
    retain: false,
    properties: {
      messageExpiryInterval: Math.max(1, Math.round(expiry / 1_000)),
      contentType: 'application/json',
    },
  };
}

export interface NotifierOptions {
  clock: Clock;
  /** Milliseconds. */
  expiry: number;
  publish(publication: Publication, done: Done): void;
  log: Pick<Log, 'warn'>;
}

/** Announces chat messages. A failure is logged once, and holds no message back. */
export function notifier({ clock, expiry, publish, log }: NotifierOptions): (message: Announced) => void {
  let hasFailed = false;
  return (message) =>
    publish(notificationOf(message, clock.now(), expiry), (error) => {
      if (!error || hasFailed) return;
      hasFailed = true;
      log.warn(text('log.notification', { reason: textOf(error) }));
    });
}
