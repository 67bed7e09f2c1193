/// <reference path="../../../editor/red.d.ts" />
import { post } from '../../../editor/admin-api';
import { visible } from '../../../editor/format';
import { seenTopic } from '../../../editor/topics/topics';

/** What Node-RED hands over: the node whose dialog is open. */
interface Context {
  node?: EditorNode;
}

/**
 * A topic as an entry of core's list. Core builds the entry itself, of a text, with `toLowerCase`, `substring` and
 * `length`, and puts that text into the field. So this looks like the whole line while the entry is built, and is the
 * topic alone where it is written down.
 */
export class TopicCompletion {
  constructor(
    private readonly topic: string,
    private readonly line: string,
  ) {}

  get length(): number {
    return this.line.length;
  }

  toLowerCase(): string {
    return this.line.toLowerCase();
  }

  substring(from: number, to?: number): string {
    return this.line.substring(from, to);
  }

  toString(): string {
    return this.topic;
  }
}

/**
 * Completions for the topic of a core node, for its `mqtt-broker` (Node-RED's plugin type
 * `node-red-mqtt-topic-autocomplete-source`). Never rejects: other plugins' lists would be lost with ours.
 */
export async function coreTopicCompletions(
  typed: string,
  { node }: Context = {},
): Promise<TopicCompletion[]> {
  // The dialog's list of brokers may be filled later than its fields.
  const open = $('#node-input-broker').val();
  const broker = RED.nodes.node(String(open || node?.broker || ''));
  if (broker?.type !== 'mqtt-broker') return [];
  const { id, broker: host, port, usetls } = broker;
  const role = node?.type === 'mqtt out' ? 'command' : 'state';
  try {
    const { rows } = await post<{ rows: Record<string, unknown>[] }>('dinox/core-topics', {
      ...{ id, host, port, usetls: usetls === true, q: typed.slice(0, 1_000), role },
    });
    return rows.map((row) => completionOf(row));
  } catch {
    return [];
  }
}

function completionOf(row: Record<string, unknown>): TopicCompletion {
  const { topic, name, value, unit, at } = seenTopic(row);
  const measured = at === 0 ? unit : `${value}${unit === '' ? '' : ` ${unit}`}`;
  const words = [name, measured].filter((word) => word !== '').map((word) => visible(word, 60));
  return new TopicCompletion(topic, [visible(topic, 300), ...words].join(' · '));
}
