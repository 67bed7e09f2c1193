import { text } from '../../../base/catalogue';
import type { Clock } from '../../../base/clock';
import { textOf } from '../../../base/coded-error';
import { Refusal } from '../../../runtime/admin/refusal';
import type { Broker } from '../../../runtime/broker/broker';
import { LinkError } from '../../../transport/errors';
import type { Publication } from '../../../transport/messages';
import type { Cleared, Restored } from '../clearing-answers';

/** Milliseconds for which a clearing can be undone, and the maximum number at a time. */
const UNDO_MS = 10 * 60_000;
/** With steps of 500 as many as the sidebar clears at a time, 20,000. */
const MAX_UNDOS = 40;
/** Milliseconds to wait for the server's answer. */
const PATIENCE = 15_000;

/** Removes retained messages, and can restore them for a while. */
export class Clearing {
  private readonly undos = new Map<
    string,
    { broker: string; publications: Publication[]; stop: () => void }
  >();

  constructor(
    private readonly clock: Clock,
    private readonly token: () => string,
  ) {}

  async clear(id: string, broker: Broker, topics: readonly string[]): Promise<Cleared> {
    const kept: Publication[] = [];
    let lost = 0;
    const outcomes = await Promise.all(
      topics.map(async (topic) => {
        const last = broker.recorder.last(topic);
        const error = await publish(broker, this.clock, { topic, payload: '', qos: 1, retain: true });
        if (error) return error;
        if (last?.complete && last.bytes > 0)
          kept.push({ topic, payload: last.payload, qos: 1, retain: true });
        else lost += 1;
        broker.recorder.cleared(topic);
        return undefined;
      }),
    );
    const failures = outcomes.filter((error) => error !== undefined);
    const undo = kept.length > 0 ? this.remember(id, kept) : undefined;
    return {
      cleared: topics.length - failures.length,
      failed: failures.length,
      lost,
      ...(failures[0] ? { why: textOf(failures[0]) } : {}),
      ...(undo ? { undo } : {}),
    };
  }

  /**
   * Publishes again the messages that `clear` removed. A topic that has got another retained one since keeps that, and
   * what fails can be tried again under another token.
   */
  async undo(id: string, broker: Broker, token: string): Promise<Restored> {
    const undo = this.undos.get(token);
    if (!undo || undo.broker !== id) throw new Refusal(404, 'noUndo');
    undo.stop();
    this.undos.delete(token);
    const wanted = undo.publications.filter(({ topic }) => !isKept(broker, topic));
    const errors = await Promise.all(wanted.map((one) => publish(broker, this.clock, one)));
    const failed = wanted.filter((_, place) => errors[place] !== undefined);
    const newer = undo.publications.length - wanted.length;
    const why = errors.find((error) => error !== undefined);
    return {
      restored: wanted.length - failed.length,
      failed: failed.length,
      ...(newer > 0 && { newer }),
      ...(why && { why: textOf(why), undo: this.remember(id, failed) }),
    };
  }

  private remember(broker: string, publications: Publication[]): string {
    const token = this.token();
    const stop = this.clock.after(UNDO_MS, () => this.undos.delete(token));
    this.undos.set(token, { broker, publications, stop });
    for (const [oldest, { stop: stopOldest }] of this.undos) {
      if (this.undos.size <= MAX_UNDOS) break;
      stopOldest();
      this.undos.delete(oldest);
    }
    return token;
  }
}

/** True if the server is known to keep a message of this topic. */
function isKept({ recorder }: Broker, topic: string): boolean {
  const { retained = false, bytes = 0 } = recorder.last(topic) ?? {};
  return retained && bytes > 0;
}

/** Publishes; resolves to the error instead of throwing it, because one of many may fail. */
export function publish(broker: Broker, clock: Clock, publication: Publication): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const stop = clock.after(PATIENCE, () => resolve(new LinkError('timeout', text('mqtt.notConfirmedYet'))));
    const done = (error?: Error): void => {
      stop();
      resolve(error);
    };
    try {
      broker.publish(publication, done);
    } catch (error) {
      done(error as Error);
    }
  });
}
