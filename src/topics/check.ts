import { sentences, text } from '../base/catalogue';
import { Fault } from '../base/fault';
import type { Text, TextParam } from '../base/text';
import { InputError } from './errors';
import { filterFault, topicFault } from './filter';

/** Throws an {@link InputError} unless `topic` can be published to (MQTT 5 §4.7.1, §4.7.3). */
export function checkTopic(topic: unknown): asserts topic is string {
  const fault = typeof topic === 'string' ? topicFault(topic) : typeFault(topic, 'input.topicType');
  if (!fault) return;
  const where = text('input.nodeOrMessage');
  throw errorOf(fault, text('input.setTopic', { where }));
}

/**
 * Throws an {@link InputError} unless `filter` can be subscribed to (MQTT 5 §4.7.1, §4.8.2).
 * @param source it comes from, and can be mended
 */
export function checkFilter(
  filter: unknown,
  source: 'node' | 'msg.topic' = 'node',
): asserts filter is string {
  const fault = typeof filter === 'string' ? filterFault(filter) : typeFault(filter, 'input.filterType');
  if (!fault) return;
  const where = source === 'msg.topic' ? source : text('input.node');
  throw errorOf(fault, text('input.setFilter', { where }));
}

/** The error for a fault, with the place where a missing text can be set. */
function errorOf({ code, text: why }: Fault, remedy: Text): InputError {
  const isMissing = code === 'topic-type' || code === 'topic-empty';
  return new InputError(code, sentences(why, isMissing ? remedy : undefined));
}

function typeFault(value: unknown, key: 'input.topicType' | 'input.filterType'): Fault {
  return new Fault('topic-type', text(key, { type: describe(value) }));
}

function describe(value: unknown): TextParam {
  if (value === null) return 'null';
  if (Array.isArray(value)) return text('input.anArray');
  return value === undefined ? text('input.missing') : text('input.ofType', { type: typeof value });
}
