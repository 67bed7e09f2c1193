/** Finds nodes that an alert needs and the open flow already has. */
import { ENTRY_SEPARATOR, entriesOf } from '../../../../xmpp/typed-addresses';
import { otherMqttIn } from '../detail/flow-nodes';
import { red } from '../red';

export interface WantedNodes {
  /** Id of the flow. */
  z: string;
  broker: string;
  /** Topic in the recorder, and the filter by which a flow receives it. */
  topic: string;
  filter: string;
  jid: string;
  isRoom: boolean;
}

/** Ids of nodes of the open flow. */
export interface FlowNodes {
  mqttIn?: string | undefined;
  out?: string | undefined;
  listener?: string | undefined;
  /** Filter of a node that receives the same PubSub node in another payload type: one of the two would get nothing. */
  otherType?: string | undefined;
}

export interface UsedRecipient {
  jid: string;
  isRoom: boolean;
}

/** Recipients of this connection's flows, each once. */
export function usedRecipients(
  broker: string,
  accountIn: (typed: string) => string | undefined,
): UsedRecipient[] {
  const found = new Map<string, UsedRecipient>();
  for (const node of red().nodes.filterNodes({ type: 'xmpp-out' })) {
    if (node.broker !== broker || typeof node.to !== 'string') continue;
    for (const one of entriesOf(node.to, ENTRY_SEPARATOR)) {
      const jid = accountIn(one);
      if (jid !== undefined) found.set(jid.toLowerCase(), { jid, isRoom: node.kind === 'groupchat' });
    }
  }
  return [...found.values()];
}

/** Nodes that work exactly as the guide's would. Nodes with other settings are not touched. */
export function flowNodes({ z, broker, topic, filter, jid, isRoom }: WantedNodes): FlowNodes {
  const find = (type: string, fits: (node: EditorNode) => boolean): string | undefined =>
    red()
      .nodes.filterNodes({ type })
      .find((node) => node.z === z && node.d !== true && node.broker === broker && fits(node))?.id;
  const text = (value: unknown): string =>
    String(value ?? '')
      .trim()
      .toLowerCase();
  const is = text(jid);
  return {
    mqttIn: find(
      'dinox-mqtt-in',
      (node) =>
        node.topic === filter && node.topicType !== 'dynamic' && !Number(node.inputs) && !node.manualAck,
    ),
    out: find(
      'xmpp-out',
      ({ to, kind, format = 'payload' }) =>
        text(to) === is &&
        ['', isRoom ? 'groupchat' : 'chat', 'auto'].includes(text(kind)) &&
        format === 'payload',
    ),
    listener: find(
      'xmpp-in',
      (node) =>
        text(node.allow) === is &&
        text(node.rooms) === (isRoom ? is : '') &&
        ['', 'any', isRoom ? 'groupchat' : 'chat'].includes(text(node.kind)) &&
        text(node.pattern) === '' &&
        node.addressed !== true,
    ),
    otherType: topic === filter ? undefined : otherMqttIn(broker, topic, filter),
  };
}
