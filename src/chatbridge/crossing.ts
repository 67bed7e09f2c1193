/** Decides what a bridge carries over, and as what. */
import type { ReadText } from '../base/translate';
import { xmlText } from '../base/xml-text';
import { matches } from '../topics/filter';
import { type ContentLimits, contentOfBytes, fileOf, textOf, tooLarge } from '../xmpp/payload/content';
import { cutUtf8, formatText } from '../xmpp/sending/text-format';
import type { LoopGuard } from './loop-guard';
import { BRIDGE_PREFIX, type BridgeRule } from './rules';

/** The user property of MQTT 5 that marks what a bridge published. */
export const BRIDGE_MARK = 'dinox-bridge';

/** A message of MQTT, as far as a bridge looks at it. */
export interface MqttSide {
  topic: string;
  payload: Buffer;
  retain: boolean;
  properties?:
    | { contentType?: string | undefined; userProperties?: Readonly<Record<string, unknown>> }
    | undefined;
}

/** A message of a chat, as far as a bridge looks at it. */
export interface ChatSide {
  text: string;
  /** The mark of a bridge. */
  bridged?: string | undefined;
}

export type Crossing = { kind: 'text'; text: string } | { kind: 'file'; data: Buffer; name: string };

/** What a bridge needs to know beside its rule. */
export interface CrossingTools {
  limits: ContentLimits;
  read: ReadText;
}

/** True if a bridge published it. */
const isMarked = ({ properties }: MqttSide): boolean =>
  properties?.userProperties?.[BRIDGE_MARK] !== undefined;

/**
 * What a message of MQTT becomes in the chat of a rule; undefined: it stays where it is. A kept message is no news, and
 * what a bridge has carried is not carried again.
 */
export function intoChat(
  message: MqttSide,
  rule: BridgeRule,
  guard: LoopGuard,
  { limits, read }: CrossingTools,
): Crossing | undefined {
  const { topic, payload, retain } = message;
  if (retain || payload.length === 0 || topic.startsWith(BRIDGE_PREFIX) || isMarked(message))
    return undefined;
  const said = textOf(payload);
  if (said !== undefined && (said.trim() === '' || guard.isEcho('mqtt', said) || isOfOtherBridge(said, rule)))
    return undefined;
  const source = { topic, contentType: message.properties?.contentType };
  const content =
    rule.format === 'file' ? fileOf(payload, source) : contentOfBytes(payload, source, limits, read);
  if (said !== undefined) guard.note('mqtt', said);
  if (content.kind === 'file' && payload.length <= limits.file) return content;
  const value = content.kind === 'file' ? read(tooLarge(content, limits.file)) : content.value;
  const format = rule.format === 'file' ? 'full' : rule.format;
  // A topic and a packed text may hold what XML forbids.
  const shown = (about: string): string =>
    cutUtf8(xmlText(formatText(value, about, format)).text, limits.text);
  const text = shown(rule.alias || topic);
  const alone = shown('');
  if (alone.trim() === '') return undefined;
  // The echo of a value that was made readable is the readable one.
  guard.note('mqtt', text, alone);
  return { kind: 'text', text };
}

/** The text of a chat that goes to MQTT; undefined: it stays where it is. */
export function intoMqtt(
  { text, bridged }: ChatSide,
  rule: BridgeRule,
  guard: LoopGuard,
): string | undefined {
  if (bridged !== undefined || text.trim() === '') return undefined;
  if (guard.isEcho('chat', text) || isOfOtherBridge(text, rule)) return undefined;
  // A topic that takes JSON only gets it as a JSON text.
  guard.note('chat', text, JSON.stringify(text));
  return text;
}

/**
 * Text that begins as a bridge says a topic in a chat, DinoX's own or this one: `MQTT [topic]`, or `[topic]` of the rule.
 * DinoX puts a name of its own for the topic there, so that with `MQTT` before it any is taken: said again and again, the
 * text would grow for ever.
 */
function isOfOtherBridge(text: string, rule: BridgeRule): boolean {
  const [, mqtt, topic] = /^(MQTT )?\[([^\]\n]+)\]/.exec(text) ?? [];
  if (topic === undefined) return false;
  if (mqtt !== undefined) return true;
  if (topic === rule.alias || topic === rule.topic) return true;
  return rule.filter !== '' && matches(rule.filter.split('/'), topic.split('/'));
}

/** True if what this rule writes to MQTT goes back into the same chat: only marks and the memory of texts keep it from turning round. */
export function feedsItself(rule: BridgeRule, all: readonly BridgeRule[]): boolean {
  if (rule.direction === 'toChat' || rule.topic === '') return false;
  const levels = rule.topic.split('/');
  return all.some(
    ({ to, direction, filter }) =>
      to === rule.to && direction !== 'toMqtt' && matches(filter.split('/'), levels),
  );
}
