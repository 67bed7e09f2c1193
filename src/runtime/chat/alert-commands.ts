import type { Clock } from '../../base/clock';
import type { ReadText, Translate } from '../../base/translate';
import type { Address } from '../../xmpp/addresses';
import { CommandService, type OfferedCommand } from '../../xmpp/commands/command-service';
import { NS } from '../../xmpp/namespaces';
import type { InboxListener } from '../../xmpp/receiving/inbox-types';
import type { XmppSession } from '../../xmpp/session/session';
import { alertForms } from './alert-forms';
import { findAlerts } from './alerts-behind';
import type { RuntimeBus } from './sending-reports';

export interface AlertCommandsOfChatOptions {
  session: Pick<XmppSession, 'addFeature' | 'handleIq'> & { readonly account: string };
  bus: RuntimeBus;
  clock: Clock;
  /** The flows that listen. */
  listeners(): Iterable<InboxListener>;
  /** True for a room that we are in. */
  isRoom(bare: string): boolean;
  translate: Translate;
  read: ReadText;
}

/**
 * Ad-hoc commands (XEP-0050) of a chat, for people who may write to an `xmpp-in` that is wired to a `dinox-alert`.
 * Nobody else sees that there are any.
 */
export class AlertCommandsOfChat {
  private readonly service: CommandService;
  private isOffered = false;

  constructor(private readonly options: AlertCommandsOfChatOptions) {
    this.service = new CommandService(options.clock, (person) => this.offered(person));
    options.session.handleIq('set', NS.commands, (iq, xml) => this.service.execute(iq, xml));
  }

  /** The wires may be others now. */
  deployed(): void {
    const { session, bus } = this.options;
    // An open form knows the alerts of then: nodes that are gone would obey, and those that this person may not reach now.
    this.service.clear();
    const listeners = [...this.options.listeners()].map(({ id }) => id);
    const isOffered = listeners.length > 0 && findAlerts(bus, listeners).length > 0;
    if (isOffered === this.isOffered) return;
    this.isOffered = isOffered;
    const features = isOffered ? [NS.commands] : [];
    const { service } = this;
    session.addFeature({
      all: features,
      featuresFor: (from) => (service.serves(from) ? features : []),
      info: (iq, node, xml) => service.info(iq.attrs.from, node, xml),
      items: (iq, node, xml) =>
        node === NS.commands ? service.items(iq.attrs.from, iq.attrs.to, xml) : undefined,
    });
  }

  private offered(person: Address): readonly OfferedCommand[] {
    const { bus, isRoom, translate, read } = this.options;
    // A nick proves nothing.
    if (!this.isOffered || isRoom(person.bare)) return [];
    const listeners = [...this.options.listeners()]
      .filter(({ allow, hears }) => hears !== 'groupchat' && allow.allows(person))
      .map(({ id }) => id);
    if (listeners.length === 0) return [];
    const by = person.bare.split('@', 1)[0] ?? person.bare;
    return alertForms(findAlerts(bus, listeners), { by, chat: true }, { translate, read });
  }
}
