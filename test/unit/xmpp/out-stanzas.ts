/** A session that a test plays: what was sent stands in a list, answers come when the test says so. */

import type { Element } from '@xmpp/client';
import { words } from '../../../src/base/catalogue';
import type { Sent, SessionState, Stanzas, Xml } from '../../../src/xmpp/stanzas';
import { StanzaError } from '../../../src/xmpp/stanzas';

export class OutStanzas implements Stanzas {
  readonly account = 'bot@example.org';
  readonly domain = 'example.org';
  state: SessionState = {
    phase: 'online',
    jid: 'bot@example.org/x',
    resumed: false,
    where: '127.0.0.1:5222',
  };
  readonly sent: { stanza: Element; done: Sent }[] = [];
  /** Answers to questions, by `<to> <xmlns>`; an error is thrown. */
  readonly answers = new Map<string, (iq: Element) => Element | Error | Promise<Element>>();
  readonly asked: Element[] = [];
  /** Addresses that people typed. */
  readonly expected = new Set<string>();
  /** True if the server accepts everything at once. */
  takes = true;
  private stanzaHandlers = new Set<(stanza: Element) => void>();
  private stateHandlers = new Set<(state: SessionState) => void>();

  constructor(readonly xml: Xml) {}

  static async make(): Promise<OutStanzas> {
    return new OutStanzas((await import('@xmpp/client')).xml);
  }

  load(): Promise<Xml> {
    return Promise.resolve(this.xml);
  }

  send(stanza: Element, done: Sent): void {
    this.sent.push({ stanza, done });
    if (this.takes) done();
  }

  expect(jids: Iterable<string>): void {
    for (const jid of jids) this.expected.add(jid);
  }

  async ask(iq: Element): Promise<Element> {
    this.asked.push(iq);
    const xmlns = iq.getChildElements()[0]?.getNS() ?? '';
    const answer = this.answers.get(`${iq.attrs.to} ${xmlns}`);
    if (!answer) throw new StanzaError('item-not-found', 'cancel', words('not there'));
    const result = await answer(iq);
    if (result instanceof Error) throw result;
    return result;
  }

  onStanza(handler: (stanza: Element) => void): () => void {
    this.stanzaHandlers.add(handler);
    return () => this.stanzaHandlers.delete(handler);
  }

  onState(handler: (state: SessionState) => void): () => void {
    this.stateHandlers.add(handler);
    return () => this.stateHandlers.delete(handler);
  }

  receive(stanza: Element): void {
    for (const handler of this.stanzaHandlers) handler(stanza);
  }

  become(state: SessionState): void {
    this.state = state;
    for (const handler of this.stateHandlers) handler(state);
  }

  get names(): string[] {
    return this.sent.map(({ stanza }) => `${stanza.name} ${stanza.attrs.type ?? ''} ${stanza.attrs.to}`);
  }

  last(): Element {
    const entry = this.sent.at(-1);
    if (!entry) throw new Error('nothing was sent');
    return entry.stanza;
  }
}

/** Lets promises that are settled run on. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
