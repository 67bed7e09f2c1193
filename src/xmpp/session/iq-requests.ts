/** Questions (`iq` get and set) that wait for their answers. */

import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/client';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { lowerAscii } from '../addresses';
import { XmppError } from '../errors';
import { stanzaError } from '../stanzas';
import type { Excess } from '../stream/stanza-limits';
import { isAscii, looseForm } from './canonical-jids';

interface PendingIq {
  to: string;
  resolve(answer: Element): void;
  reject(error: Error): void;
}

export interface IqRequestOptions {
  /** @default 30000 */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export class IqRequests {
  private readonly asked = new Map<string, PendingIq>();

  constructor(
    private readonly clock: Clock,
    /** The account's bare JID, its domain, and the present full JID: answers to a question without `to` come from there. */
    private readonly own: () => readonly string[],
    /** When the server last took anything over, by the steady clock. */
    private readonly progress: () => number,
  ) {}

  get size(): number {
    return this.asked.size;
  }

  /**
   * @param send writes the question; `taken` is called once the server has it, or with the reason why it never will.
   */
  ask(
    iq: Element,
    { timeoutMs = 30_000, signal }: IqRequestOptions,
    send: (text: string, taken: (error?: Error) => void) => void,
  ): Promise<Element> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      if (!iq.attrs.id || this.asked.has(iq.attrs.id)) iq.attrs.id = randomUUID();
      const { id, to = '' } = iq.attrs;
      let taken = false;
      let cancel = (): void => {};
      const abort = (): void => settle(() => reject(signal?.reason as Error));
      const settle = (then: () => void): void => {
        if (!this.asked.delete(id)) return;
        cancel();
        signal?.removeEventListener('abort', abort);
        then();
      };
      const watch = (): void => {
        cancel = this.clock.after(timeoutMs, () => {
          // A slow server is still busy with earlier requests.
          if (!taken && this.clock.steady() - this.progress() < timeoutMs) watch();
          else
            settle(() =>
              reject(
                new XmppError('timeout', text('net.noAnswerFrom', { where: to || text('xmpp.theServer') })),
              ),
            );
        });
      };
      this.asked.set(id, {
        to,
        resolve: (answer) => settle(() => resolve(answer)),
        reject: (error) => settle(() => reject(error)),
      });
      signal?.addEventListener('abort', abort, { once: true });
      watch();
      send(iq.toString(), (error) => {
        taken = true;
        if (error) settle(() => reject(error));
        else if (this.asked.has(id)) {
          cancel();
          watch();
        }
      });
    });
  }

  /**
   * Takes an `iq` of type result or error. Only an answer from the asked address counts.
   * @param excess set if its content was left out, so that an empty answer is not taken for a real one.
   */
  answered(iq: Element, excess?: Excess): void {
    const { id = '', from = '', type } = iq.attrs;
    const asked = this.asked.get(id);
    if (!asked || !this.isFrom(from, asked.to)) return;
    if (excess)
      asked.reject(
        new XmppError('protocol', text('xmpp.answerTooLarge', { from: from || text('xmpp.theServer') })),
      );
    else if (type === 'result') asked.resolve(iq);
    else asked.reject(stanzaError(iq));
  }

  /** Rejects all open questions: no more answers will come. */
  fail(error: Error): void {
    for (const { reject } of [...this.asked.values()]) reject(error);
  }

  private isFrom(from: string, to: string): boolean {
    const own = this.own();
    const isServer = (jid: string): boolean => jid === '' || own.includes(jid);
    if (lower(from) === lower(to) || (isServer(to) && isServer(from))) return true;
    // The asked address may come back in another spelling. Only its owner knows the id.
    return !isAscii(to) && looseForm(from) === looseForm(to);
  }
}

/** Domain and localpart in any case, the resource as it is. */
function lower(jid: string): string {
  const slash = jid.indexOf('/');
  return slash < 0 ? lowerAscii(jid) : lowerAscii(jid.slice(0, slash)) + jid.slice(slash);
}
