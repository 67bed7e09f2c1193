import { text } from '../base/catalogue';
import { Fault } from '../base/fault';
import { FIELD_RANGES } from '../base/field-ranges';
import { plain } from '../base/printable';
import type { Text } from '../base/text';
import { readWhole } from '../base/whole-number';
import { filterFault, topicFault } from '../topics/filter';
import type { ChatKind } from '../xmpp/chat-kind';
import { readRoom } from '../xmpp/typed-addresses';

export const DIRECTIONS = ['both', 'toChat', 'toMqtt'] as const;
export const BRIDGE_FORMATS = ['full', 'payload', 'short', 'file'] as const;
/** Most rules of one bridge; further ones are a problem. */
const MAX_RULES = 50;
/** Prefix of the bridge's own topics. No rule carries them. */
export const BRIDGE_PREFIX = 'dinox/bridge/';

export interface BridgeRule {
  /** Position in the dialog, from 1. */
  number: number;
  /** Topics that go into the chat; empty where nothing does. */
  filter: string;
  /** Bare JID of a person or room. */
  to: string;
  kind: ChatKind | 'auto';
  direction: (typeof DIRECTIONS)[number];
  format: (typeof BRIDGE_FORMATS)[number];
  /** Shown instead of the topic. */
  alias: string;
  /** Messages a minute into the chat. */
  rate: number;
  /** Topic for what is said in the chat; empty: only below `dinox/bridge/`. */
  topic: string;
  /** The people who may write to the topic, as an allow list; empty: nobody. */
  allow: string;
}

export interface RuleProblem {
  number: number;
  field: keyof BridgeRule;
  text: Text;
}

/** Reads rules from a flow file. A rule with a problem is left out, and the others work. */
export function readRules(value: unknown): { rules: BridgeRule[]; problems: RuleProblem[] } {
  const rules: BridgeRule[] = [];
  const problems: RuleProblem[] = [];
  const list = Array.isArray(value) ? value : [];
  if (list.length > MAX_RULES)
    problems.push({
      number: MAX_RULES + 1,
      field: 'number',
      text: text('chatBridge.many', { most: MAX_RULES }),
    });
  for (const [index, raw] of list.slice(0, MAX_RULES).entries()) {
    const before = problems.length;
    const rule = readRule(raw, index + 1, (field, why) =>
      problems.push({ number: index + 1, field, text: why }),
    );
    if (problems.length > before) continue;
    const twin = rules.find((other) => isSamePair(other, rule));
    if (twin)
      problems.push({
        number: rule.number,
        field: 'filter',
        text: text('chatBridge.twin', { number: twin.number }),
      });
    else rules.push(rule);
  }
  return { rules, problems };
}

function isSamePair(one: BridgeRule, other: BridgeRule): boolean {
  if (one.to !== other.to) return false;
  const [intoChat, intoMqtt] = [one, other].map((rule) => rule.direction);
  const bothSay = intoChat !== 'toMqtt' && intoMqtt !== 'toMqtt' && one.filter === other.filter;
  const bothHear = intoChat !== 'toChat' && intoMqtt !== 'toChat' && one.topic === other.topic;
  return bothSay || (bothHear && one.topic !== '');
}

function readRule(
  raw: unknown,
  number: number,
  problem: (field: keyof BridgeRule, why: Text) => void,
): BridgeRule {
  const fields = (typeof raw === 'object' && raw !== null ? raw : {}) as Readonly<Record<string, unknown>>;
  const typed = (field: string): string => {
    const value = fields[field];
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  };
  const choice = <T extends string>(field: keyof BridgeRule, choices: readonly T[], fallback: T): T => {
    const value = typed(field);
    const found = choices.find((one) => one === value);
    if (value !== '' && !found)
      problem(field, text('config.choice', { allowed: choices.join(', '), given: plain(value, 40) }));
    return found ?? fallback;
  };
  const direction = choice('direction', DIRECTIONS, 'both');
  const filter = direction === 'toMqtt' ? '' : typed('filter');
  const topic = direction === 'toChat' ? '' : typed('topic');
  const wrongFilter = direction === 'toMqtt' ? undefined : filterFault(filter);
  if (wrongFilter) problem('filter', wrongFilter.text);
  const wrongTopic = topic === '' ? undefined : topicFault(topic);
  if (wrongTopic) problem('topic', wrongTopic.text);
  for (const [field, value] of [
    ['filter', filter],
    ['topic', topic],
  ] as const)
    if (value.startsWith(BRIDGE_PREFIX)) problem(field, text('chatBridge.own', { prefix: BRIDGE_PREFIX }));
  const address = readRoom(typed('to'));
  if (address instanceof Fault) problem('to', address.text);
  const rate = typed('rate') === '' ? 20 : readWhole(typed('rate'), FIELD_RANGES.rate);
  if (rate instanceof Fault) problem('rate', rate.text);
  return {
    number,
    filter,
    to: address instanceof Fault ? '' : address.bare,
    kind: choice('kind', ['auto', 'chat', 'groupchat'], 'auto'),
    direction,
    format: choice('format', BRIDGE_FORMATS, 'short'),
    alias: typed('alias').slice(0, 200),
    rate: rate instanceof Fault ? 20 : rate,
    topic,
    allow: typed('allow').slice(0, 10_000),
  };
}
