/** From the login to the session: resumption (XEP-0198 §5), or a resource (RFC 6120 §7) and stream management (§3). */

import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/client';
import { text } from '../../base/catalogue';
import { toXmppError, XmppError } from '../errors';
import { NS } from '../namespaces';
import type { Xml } from '../stanzas';
import type { XmppStream } from './stream';

/** A stream that was lost and may be taken up again. */
export interface Resumable {
  id: string;
  /** Stanzas that came over it, modulo 2^32. */
  inbound: number;
}

export type Bound = {
  /** Stanzas that came right behind the last answer. They count. */
  early: Element[];
} & (
  | { resumed: true; h: string | undefined }
  | {
      resumed: false;
      jid: string;
      /** Undefined if the server has no stream management; empty if it has, and does not resume. */
      sm: string | undefined;
      /** The server's count of the old stream, if it gives one while refusing to resume. */
      h: string | undefined;
    }
);

export interface BindingOptions {
  xml: Xml;
  resource: string;
  resumable: Resumable | undefined;
  timeoutMs: number;
  /** Gets stanzas that are no part of the negotiation. A message may come before stream management is on. */
  other(element: Element): void;
}

/**
 * @throws XmppError
 */
export async function bind(stream: XmppStream, options: BindingOptions, signal: AbortSignal): Promise<Bound> {
  const { xml, resumable } = options;
  const exchange = new Exchange(stream, options.other, options.timeoutMs, signal);
  try {
    let h: string | undefined;
    if (resumable && stream.features.streamManagement) {
      const answer = await exchange.ask(
        xml('resume', { xmlns: NS.streamManagement, h: String(resumable.inbound), previd: resumable.id }),
        (element) => element.is('resumed', NS.streamManagement) || element.is('failed', NS.streamManagement),
      );
      h = answer.attrs.h;
      if (answer.is('resumed')) return { early: exchange.early, resumed: true, h };
    }
    const jid = await exchange.resource(xml, options.resource);
    const { early } = exchange;
    if (!stream.features.streamManagement) return { early, resumed: false, jid, sm: undefined, h };
    const answer = await exchange.ask(
      xml('enable', { xmlns: NS.streamManagement, resume: 'true' }),
      (element) => element.is('enabled', NS.streamManagement) || element.is('failed', NS.streamManagement),
    );
    const behind = { early: exchange.early, resumed: false as const, jid, h };
    if (answer.is('failed')) return { ...behind, sm: undefined };
    const resumes = ['true', '1'].includes(answer.attrs.resume ?? '');
    return { ...behind, sm: resumes ? (answer.attrs.id ?? '') : '' };
  } finally {
    exchange.end();
  }
}

/** Asks one question at a time, on a stream that carries next to nothing else yet. */
export class Exchange {
  /** Stanzas that came behind the last answer, maybe in the same packet. */
  early: Element[] = [];
  private reject: ((error: Error) => void) | undefined;
  private take: ((element: Element) => boolean) | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly aborted: () => void;

  constructor(
    private readonly stream: XmppStream,
    private readonly other: (element: Element) => void,
    timeoutMs: number,
    private readonly signal: AbortSignal,
  ) {
    this.timer = setTimeout(
      () => stream.fail(new XmppError('timeout', text('xmpp.silentAfterLogin'))),
      timeoutMs,
    );
    this.aborted = () => stream.fail(new XmppError('network', text('xmpp.lineClosed')));
    signal.addEventListener('abort', this.aborted, { once: true });
    stream.onElement = (element) => {
      if (!this.take?.(element)) this.early.push(element);
    };
    stream.onEnd = (error) => this.reject?.(error);
  }

  ask(question: Element, isAnswer: (element: Element) => boolean): Promise<Element> {
    return new Promise((resolve, reject) => {
      if (this.stream.error) {
        reject(this.stream.error);
        return;
      }
      this.reject = reject;
      for (const element of this.early.splice(0)) this.other(element);
      this.take = (element) => {
        if (!isAnswer(element)) return false;
        this.take = undefined;
        resolve(element);
        return true;
      };
      this.stream.write(question.toString());
    });
  }

  async resource(xml: Xml, resource: string): Promise<string> {
    const id = randomUUID();
    const answer = await this.ask(
      xml(
        'iq',
        { type: 'set', id },
        xml('bind', { xmlns: NS.bind }, ...(resource ? [xml('resource', {}, resource)] : [])),
      ),
      (element) => element.name === 'iq' && element.attrs.id === id,
    );
    if (answer.attrs.type !== 'result') {
      const error = answer.getChild('error');
      const condition = error?.getChildElements()[0]?.name ?? 'undefined-condition';
      throw toXmppError({ condition, text: error?.getChildText('text') ?? '' });
    }
    const jid = answer.getChild('bind', NS.bind)?.getChildText('jid');
    if (!jid) throw new XmppError('protocol', text('xmpp.noAddress'));
    return jid;
  }

  end(): void {
    clearTimeout(this.timer);
    this.signal.removeEventListener('abort', this.aborted);
  }
}
