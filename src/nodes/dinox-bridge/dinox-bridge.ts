import type { Node, NodeAPI, NodeDef, NodeStatus } from 'node-red';
import { systemClock } from '../../base/clock';
import { feedsItself } from '../../chatbridge/crossing';
import { readRoomPasswords } from '../../chatbridge/room-passwords';
import { readRules } from '../../chatbridge/rules';
import { requireBroker } from '../../runtime/broker/find-broker';
import { contentLimits } from '../../runtime/chat/content-limits';
import { definitionOf } from '../../runtime/config/node-definition';
import type { Problem } from '../../runtime/config/raw-fields';
import { deregisterOnClose } from '../../runtime/deregister-on-close';
import { installationId } from '../../runtime/installation';
import { textReader, translator } from '../../runtime/translator';
import { BridgeStatus } from './bridge-status';
import { RuleBridge } from './rule-bridge';

/** Publishing on a topic is often easier than writing into a room. */
const LIMITS = { text: 10_000, file: 10_000_000 };

/**
 * `dinox-bridge`: rules topic ↔ chat. It has neither input nor output: what crosses is on MQTT and in the chat, and on
 * `dinox/bridge/<room or account>/in|out`. A rule that cannot work is an error in the log, and the others work.
 */
export function registerDinoxBridge(RED: NodeAPI): void {
  const translate = translator(RED, 'dinox-bridge');
  const read = textReader(RED);

  function DinoxBridge(
    this: Node<{ roomPasswords?: string }>,
    raw: NodeDef & Readonly<Record<string, unknown>>,
  ): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const broker = requireBroker(RED, this, def.broker);
    if (!broker) return;
    const { rules, problems } = readRules(raw.rules);
    for (const { number, field, text } of problems)
      this.error(translate('error.rule', { number, field: translate(`label.${field}`), text: read(text) }));
    const limitProblems: Problem[] = [];
    const limits = contentLimits(def, LIMITS, limitProblems);
    for (const { field, text } of limitProblems) this.warn(`${translate(`label.${field}`)}: ${read(text)}`);
    for (const rule of rules)
      if (feedsItself(rule, rules)) this.warn(translate('warning.feedsItself', { number: rule.number }));
    const secrets = readRoomPasswords(this.credentials?.roomPasswords);
    for (const text of secrets.problems) this.error(translate('error.roomPasswords', { text: read(text) }));
    for (const room of secrets.passwords.keys())
      if (!rules.some(({ to }) => to === room)) this.warn(translate('warning.roomWithoutRule', { room }));
    const status = new BridgeStatus(systemClock, rules.length, problems.length, translate, (shown) =>
      this.status(shown),
    );
    const mark = `${installationId(RED.settings.userDir)}/${this.id}`;
    const bridges = rules.map(
      (rule) =>
        new RuleBridge({
          ...{ node: this, broker, rule, mark, limits, clock: systemClock, translate, read },
          roomPassword: secrets.passwords.get(rule.to),
          counted: (what) => status.count(what),
          status: (shown) => status.chat(rule.number, shown),
        }),
    );
    const user = { id: this.id, status: (shown: NodeStatus) => status.mqtt(shown) };
    broker.register(user);
    for (const bridge of bridges) bridge.start();
    deregisterOnClose(
      this,
      { deregister: (_node, removed) => broker.deregister(user, removed) },
      (removed) => {
        status.close();
        for (const bridge of bridges) bridge.close(removed);
      },
    );
  }

  RED.nodes.registerType('dinox-bridge', DinoxBridge as never, {
    credentials: { roomPasswords: { type: 'password' } },
  });
}
