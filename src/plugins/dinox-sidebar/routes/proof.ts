import { randomUUID } from 'node:crypto';
import type { Node, NodeAPI } from 'node-red';
import { systemClock } from '../../../base/clock';
import { textOf } from '../../../base/coded-error';
import { xmlText } from '../../../base/xml-text';
import { Refusal } from '../../../runtime/admin/refusal';
import { type Routes, requestBody } from '../../../runtime/admin/routes';
import { findBroker } from '../../../runtime/broker/find-broker';
import { TestMessages } from '../../../runtime/chat/test-message';
import { hasWildcard, isFilter, matches } from '../../../topics/filter';
import { parseJid } from '../../../xmpp/jid';
import { brokerOr404 } from './brokers';

/** The part of a `dinox-alert` (its `AlertEngine`) that is needed here. */
type AlertNode = Node & {
  dinoxEngine?: {
    machine: { keys: { map: ReadonlyMap<string, { value?: unknown; unit: string; invalid: number }> } };
  };
};

const MAX_TEXT_LENGTH = 2_000;
const MAX_SHOWN_LENGTH = 100;

/**
 * Routes that prove that a flow of the guided start works, for users who may deploy:
 * - `POST dinox/guide/:id/seen` `{receiver, alert, topic}`: what has come to the alert through these very nodes:
 *   `{value, unit}`; or `{invalid: true}` where what comes is no value; or `{fault}`, what is wrong with the subscription;
 *   `{missing: true}` as long as they do not run: a deploy is answered before they do;
 * - `POST dinox/guide/:id/hello` `{to, isRoom, text}` greets the recipient, answered with `{id}`; with `{id}` it tells
 *   how far the greeting is.
 */
export function proofRoutes(RED: NodeAPI, routes: Routes): void {
  const greetings = new TestMessages({ clock: systemClock, newId: randomUUID });

  routes.deploy('/dinox/guide/:id/seen', (request) => {
    const broker = findBroker(RED, request.params.id);
    const { receiver, alert, topic } = requestBody(request);
    const node = RED.nodes.getNode(String(alert)) as AlertNode | null;
    if (!broker || !node?.dinoxEngine) return { missing: true };
    const entry = entryOf(node.dinoxEngine.machine.keys.map, String(topic));
    if (entry?.value !== undefined) {
      return {
        value: String(entry.value).slice(0, MAX_SHOWN_LENGTH),
        unit: entry.unit.slice(0, MAX_SHOWN_LENGTH),
      };
    }
    const fault = broker.faults.of(String(receiver))?.text;
    // Behind a wildcard there are devices that do not have the value.
    const isInvalid = entry !== undefined && entry.invalid > 0 && !hasWildcard(String(topic));
    return { ...(fault && { fault }), ...(isInvalid && { invalid: true }) };
  });

  routes.deploy('/dinox/guide/:id/hello', (request) => {
    const { chat } = brokerOr404(RED, request.params.id);
    const { id, to, isRoom, text } = requestBody(request);
    if (id !== undefined) {
      const view = greetings.view(String(id));
      if (!view) throw new Refusal(404, 'over');
      const [recipient] = view.receivers;
      return { ...recipient, over: view.state === 'over' };
    }
    return {
      id: greetings.start({
        chat,
        request: {
          to: [bareOf(to)],
          kind: isRoom === true ? 'groupchat' : 'chat',
          text: xmlText(String(text ?? '').slice(0, MAX_TEXT_LENGTH)).text,
          files: [],
          hints: [],
          receipt: true,
        },
        nick: chat.stanzas.account.split('@')[0] || 'bot',
        roomPassword: undefined,
      }),
    };
  });
}

/** The entry of a topic; of a filter with wildcards one that has a value, else the first. */
function entryOf<T extends { value?: unknown }>(map: ReadonlyMap<string, T>, topic: string): T | undefined {
  if (!hasWildcard(topic) || !isFilter(topic)) return map.get(topic);
  const levels = topic.split('/');
  let first: T | undefined;
  for (const [key, entry] of map) {
    if (!matches(levels, key.split('/'))) continue;
    if (entry.value !== undefined) return entry;
    first ??= entry;
  }
  return first;
}

function bareOf(to: unknown): string {
  try {
    return parseJid(String(to).slice(0, 3_071)).bare;
  } catch (error) {
    throw new Refusal(400, 'jid', textOf(error));
  }
}
