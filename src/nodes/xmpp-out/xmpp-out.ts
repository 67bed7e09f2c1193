import { randomUUID } from 'node:crypto';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../../base/clock';
import { requireBroker } from '../../runtime/broker/find-broker';
import { ChatSender } from '../../runtime/chat/chat-sender';
import { notifier } from '../../runtime/chat/notifications';
import { definitionOf } from '../../runtime/config/node-definition';
import { flag } from '../../runtime/config/raw-fields';
import { deregisterOnClose } from '../../runtime/deregister-on-close';
import { showNotify } from '../../runtime/homeassistant/shown-chat';
import { textReader, translator } from '../../runtime/translator';
import { type OutNode, registerOutAdmin } from './admin';
import { xmppOutSettings } from './config';

/**
 * `xmpp-out`: sends `msg.payload` to persons and rooms. In: `to`, `kind`, `payload`, `attachment`, `filename`,
 * `thread`, `subject`, `replaces`, `alertId`, `chatState`, `hints`. Output 1: the message with
 * `msg.xmpp = {id, to, kind, stamp}` (and `all`, one for each of several recipients) once the server has it; output 2:
 * receipts and displayed markers. `done` says that the server has it for every recipient.
 */
export function registerXmppOut(RED: NodeAPI): void {
  const translate = translator(RED, 'xmpp-out');
  const read = textReader(RED);

  function XmppOut(
    this: Node<{ password?: string }> & OutNode,
    raw: NodeDef & Readonly<Record<string, unknown>>,
  ): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const broker = requireBroker(RED, this, def.broker);
    if (!broker) return;
    const settings = xmppOutSettings(def, RED.settings.userDir);
    for (const { field, text } of settings.problems) this.warn(`${field}: ${read(text)}`);
    const sender = new ChatSender({
      node: this,
      chat: broker.chat,
      settings,
      roomPassword: this.credentials?.password || undefined,
      offlineMs: broker.config.limits.ttl || 3_600_000,
      bus: RED.events,
      current: () => RED.nodes.getNode(this.id),
      clock: systemClock,
      newId: randomUUID,
      notify: settings.notify
        ? notifier({
            clock: systemClock,
            expiry: settings.notifyExpiry,
            publish: (publication, done) => broker.publish(publication, done),
            log: { warn: (said) => this.warn(read(said)) },
          })
        : undefined,
      translate,
      read,
    });
    // Chat alone would not open the connection that notifications go over.
    const user = { id: `${this.id}-notify`, status: () => {} };
    if (settings.notify) broker.register(user);
    sender.start();
    this.dinoxOut = {
      sample: () => sender.sample,
      roomPassword: (brokerId, to) =>
        brokerId === def.broker && sender.knows(to) ? this.credentials?.password : undefined,
    };
    const hide = flag(def.showInHomeAssistant, false)
      ? showNotify(this, settings.to, broker.announcer, read)
      : () => {};
    this.on('input', (msg, send, done) => sender.handle(msg as never, send as never, done));
    deregisterOnClose(this, broker.chat, (removed) => {
      hide();
      sender.close(removed);
      if (settings.notify) void broker.deregister(user, removed).catch(() => {});
    });
  }

  registerOutAdmin(RED);
  RED.nodes.registerType('xmpp-out', XmppOut as never, { credentials: { password: { type: 'password' } } });
}
