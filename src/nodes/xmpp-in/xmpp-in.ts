import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../../base/clock';
import { requireBroker } from '../../runtime/broker/find-broker';
import { ChatReceiver } from '../../runtime/chat/chat-receiver';
import { definitionOf } from '../../runtime/config/node-definition';
import { flag } from '../../runtime/config/raw-fields';
import { deregisterOnClose } from '../../runtime/deregister-on-close';
import { type Heard, showHeard } from '../../runtime/homeassistant/shown-chat';
import { textReader, translator } from '../../runtime/translator';
import { listenSettings } from './config';

/**
 * `xmpp-in`: messages of allowed people and rooms. Output 1: `payload` (text, or the emoji of a reaction), `topic`
 * (bare JID or room), `to` and `kind` (where `xmpp-out` sends an answer), `alertId` where it is about a message of
 * ours that stands for an alert, `thread`, and `xmpp` (see `XmppPart`). Output 2: `payload.event` and what belongs
 * to it. What cannot be listened to (a field, a room that refuses) is an error that a catch node sees.
 */
export function registerXmppIn(RED: NodeAPI): void {
  const translate = translator(RED, 'xmpp-in');
  const read = textReader(RED);

  function XmppIn(this: Node<{ password?: string }>, raw: NodeDef & Readonly<Record<string, unknown>>): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const broker = requireBroker(RED, this, def.broker);
    if (!broker) return;
    const { problems, ...settings } = listenSettings(def);
    for (const { field, text } of problems) this.error(translate(`error.${field}`, { text: read(text) }));
    const [problem] = problems;
    if (problem) {
      this.status({
        fill: 'red',
        shape: 'ring',
        text: translate('status.problem', { field: problem.field }),
      });
      return;
    }
    const { chat } = broker;
    const { password } = this.credentials ?? {};
    const shown = flag(def.showInHomeAssistant, false)
      ? showHeard(
          this,
          { name: this.name || chat.stanzas.account || this.type, withText: flag(def.showText, false) },
          broker.announcer,
          read,
        )
      : undefined;
    const heard = (message: Heard): void => shown?.heard(message);
    const receiver = new ChatReceiver(
      this,
      chat,
      { ...settings, password, heard },
      systemClock,
      translate,
      read,
    );
    for (const { code, entry } of receiver.allow.problems)
      this.error(translate(`error.allow-${code}`, { entry }));
    if (chat.stanzas.account !== '') {
      if (receiver.allow.everyone) this.warn(translate('warning.everyone'));
      if (receiver.allow.onlyOwn) this.warn(translate('warning.onlyOwn', { account: chat.stanzas.account }));
      if (broker.config.presence === 'none') this.warn(translate('warning.presence'));
    }
    receiver.start();
    chat.register(this);
    deregisterOnClose(this, chat, (removed) => {
      shown?.close();
      receiver.close(removed);
    });
  }

  RED.nodes.registerType('xmpp-in', XmppIn as never, { credentials: { password: { type: 'password' } } });
}
