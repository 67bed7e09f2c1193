import type { Element } from '@xmpp/client';
import type { XmppError } from '../../xmpp/errors';
import type { Sent, SessionState, Stanzas, Xml } from '../../xmpp/stanzas';

/** Stands in for a session that cannot be: gives everybody the reason. */
export class NoSession implements Stanzas {
  readonly state: SessionState;
  readonly stanzaLimit = 262_144;
  private xml: Promise<Xml> | undefined;

  constructor(
    readonly account: string,
    readonly domain: string,
    private readonly reason: XmppError,
  ) {
    this.state = { phase: 'stopped', reason };
  }

  load(): Promise<Xml> {
    this.xml ??= import('@xmpp/client').then(({ xml }) => xml);
    return this.xml;
  }

  send(_stanza: Element, done: Sent): void {
    done(this.reason);
  }

  ask(): Promise<Element> {
    return Promise.reject(this.reason);
  }

  onStanza(): () => void {
    return () => {};
  }

  onState(): () => void {
    return () => {};
  }

  addFeature(): void {}

  handleIq(): void {}
}
