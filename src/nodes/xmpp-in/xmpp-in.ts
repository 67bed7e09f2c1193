import type { Node, NodeAPI, NodeDef } from 'node-red';
import { text } from '../../base/catalogue';
import { systemClock } from '../../base/clock';
import { hasAcknowledged } from '../../runtime/alert-recordings';
import { requireBroker } from '../../runtime/broker/find-broker';
import { ChatAnswers } from '../../runtime/chat/chat-answers';
import { ChatReceiver } from '../../runtime/chat/chat-receiver';
import { definitionOf } from '../../runtime/config/node-definition';
import { flag } from '../../runtime/config/raw-fields';
import { deregisterOnClose } from '../../runtime/deregister-on-close';
import { DeployWatcher } from '../../runtime/handover/deploy-watcher';
import { type Heard, showHeard } from '../../runtime/homeassistant/shown-chat';
import { RunningFlowGraph } from '../../runtime/running-flow-graph';
import { textReader, translator } from '../../runtime/translator';
import { listenSettings } from './config';

/**
 * `xmpp-in`: messages of allowed people and rooms. Output 1: `payload` (text, or the emoji of a reaction), `topic`
 * (bare JID or room), `to` and `kind` (where `xmpp-out` sends an answer), `alertId` where it is about a message of
 * ours that stands for an alert, `thread`, and `xmpp` (see `XmppPart`). Output 2: `payload.event` and what belongs
 * to it. A question about one of `answerTopics` is answered by itself, and bears `answered`. What cannot be listened to (a field, a room that refuses) is an error that a catch node sees.
 */
export function registerXmppIn(RED: NodeAPI): void {
  const translate = translator(RED, 'xmpp-in');
  const read = textReader(RED);
  const deploys = new DeployWatcher(RED.events, systemClock);

  function XmppIn(this: Node<{ password?: string }>, raw: NodeDef & Readonly<Record<string, unknown>>): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const broker = requireBroker(RED, this, def.broker);
    if (!broker) return;
    const {
      problems,
      answerTopics,
      actuators: table,
      publishAllow,
      links,
      ...settings
    } = listenSettings(def);
    for (const { field, text: why } of problems) this.error(translate(`error.${field}`, { text: read(why) }));
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
    const { actuators } = table;
    const ofActuator = ({ number, field, text: why }: (typeof table.problems)[number]): string =>
      translate('error.actuator', { number, field: translate(`actuator.label.${field}`), text: read(why) });
    for (const one of table.problems) this.error(ofActuator(one));
    const graph = new RunningFlowGraph(RED);
    const stopWatching = deploys.listen(() => graph.forget());
    const answers =
      answerTopics.length + actuators.length === 0 && publishAllow === ''
        ? undefined
        : new ChatAnswers({
            ...{ node: this, broker, filters: answerTopics, actuators, publishAllow, links },
            ...{ nick: settings.nick, roomPassword: password },
            hasAcknowledged: (by, since) => hasAcknowledged(RED, by, since),
            reachesAlerts: () => graph.reaches(this, 0, 'dinox-alert'),
            ...{ clock: systemClock, translate, read },
          });
    const receiver = new ChatReceiver(
      this,
      chat,
      { ...settings, password, heard, answers },
      systemClock,
      translate,
      read,
    );
    for (const { code, entry } of receiver.allow.problems)
      this.error(translate(`error.allow-${code}`, { entry }));
    for (const { number, entry } of answers?.problems ?? [])
      this.error(
        number === 0
          ? translate('error.publishAllow', { text: entry })
          : ofActuator({ number, field: 'allow', text: text('actuator.allow', { given: entry }) }),
      );
    if (chat.stanzas.account !== '') {
      if (receiver.allow.everyone) this.warn(translate('warning.everyone'));
      if (receiver.allow.onlyOwn) this.warn(translate('warning.onlyOwn', { account: chat.stanzas.account }));
      if (broker.config.presence === 'none') this.warn(translate('warning.presence'));
    }
    receiver.start();
    answers?.start();
    chat.register(this);
    deregisterOnClose(this, chat, (removed) => {
      shown?.close();
      answers?.close();
      stopWatching();
      receiver.close(removed);
    });
  }

  RED.nodes.registerType('xmpp-in', XmppIn as never, { credentials: { password: { type: 'password' } } });
}
