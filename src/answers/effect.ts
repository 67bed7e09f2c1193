/** What an order sends to its device, and what takes it back. */
import { text } from '../base/catalogue';
import { Fault } from '../base/fault';
import type { Text } from '../base/text';
import type { CommandPublication, Expectation } from '../homeassistant/commands/builder';
import { commandFor } from '../homeassistant/commands/command';
import { EntityCommandError } from '../homeassistant/commands/errors';
import {
  type Before,
  beforeOf,
  beforeText,
  commandBack,
  isUntouched,
} from '../homeassistant/commands/take-back';
import type { Entity } from '../homeassistant/entity';
import type { Current } from '../homeassistant/states/entity-state';
import type { Templates } from '../homeassistant/templates/template';
import {
  type Actuator,
  type ActValue,
  type EntityActuator,
  payloadFor,
  type SavedActuator,
  type TopicActuator,
  takesValue,
  wordsFor,
} from './actuators';

/** Entities that people may tell something. */
export interface ToldEntities {
  readonly templates: Templates;
  /** By `<component>.<unique_id>`; undefined: no device announces it. */
  find(key: string): { entity: Entity; current: Current } | undefined;
  /** What an entity is that never says its state. */
  assume(key: string, expects: Expectation): void;
}

export interface EffectTools {
  /** The last payload of a topic, if all of it is known. */
  payloadOf(topic: string): string | undefined;
  /** The last value of a topic. */
  stateOf(topic: string): ActValue | undefined;
  readonly entities: ToldEntities;
}

/** How a device was before an order: what takes it back. */
export type Was = TopicWas | EntityWas;

interface TopicWas {
  kind: 'topic';
  topic: string;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** The payload that takes it back; undefined: nobody knows. */
  before: string | undefined;
  /** The payload of the order, and the last one of the topic before it. */
  payload: string;
  last: string | undefined;
}

interface EntityWas {
  kind: 'entity';
  entity: string;
  expects: Expectation;
  before: Before;
  isKnown: boolean;
}

interface Publishing {
  /** One behind the other. */
  publications: readonly CommandPublication[];
  /** What an entity is then that never says its state. */
  assumed?: { entity: string; expects: Expectation } | undefined;
}

export interface Effect extends Publishing {
  was: Was;
}

/** What takes an order back, and what the device is told by it, in words for people. */
export interface TakingBack extends Publishing {
  state: string;
}

/** The same for all entries that tell one device something. */
export const targetOf = (actuator: Actuator): string =>
  actuator.kind === 'entity' ? `entity ${actuator.entity}` : `topic ${actuator.topic}`;

/** The effect of an order; a fault where it cannot be told that. */
export function effectOf(
  actuator: Actuator,
  value: ActValue | undefined,
  tools: EffectTools,
): Effect | Fault {
  return actuator.kind === 'entity'
    ? effectOnEntity(actuator, value, tools.entities)
    : effectOnTopic(actuator, value, tools);
}

/**
 * What takes an order back; a fault where nothing does.
 * @param actuators those of the device that this person may tell something
 */
export function takingBack(
  was: Was,
  name: string,
  actuators: readonly Actuator[],
  tools: EffectTools,
): TakingBack | Fault {
  return was.kind === 'entity'
    ? entityBack(was, name, tools.entities)
    : topicBack(was, name, actuators, tools);
}

function effectOnTopic(
  actuator: TopicActuator | SavedActuator,
  value: ActValue | undefined,
  tools: EffectTools,
): Effect | Fault {
  const { name, topic, qos, retain } = actuator;
  const payload = actuator.kind === 'saved' ? actuator.payload : payloadFor(actuator, value);
  if (payload === undefined) return new Fault('value', text('act.value', { name }));
  const last = tools.payloadOf(topic);
  const before = payloadBefore(actuator, tools) ?? (last === payload ? undefined : last);
  return {
    publications: [{ topic, payload, qos, retain }],
    was: { kind: 'topic', topic, qos, retain, before, payload, last },
  };
}

/** The payload for the state that the device told; undefined where it tells none. */
function payloadBefore(
  actuator: TopicActuator | SavedActuator,
  { stateOf }: EffectTools,
): string | undefined {
  if (actuator.kind === 'saved' || !takesValue(actuator)) return undefined;
  for (const state of stateTopics(actuator.topic)) {
    const value = stateOf(state);
    const made = value === undefined ? undefined : payloadFor(actuator, value);
    // Whatever a device calls its state, it says no more than people may.
    if (made !== undefined && wordsFor(actuator, made) !== undefined) return made;
  }
  return undefined;
}

function topicBack(
  { topic, qos, retain, before, payload, last }: TopicWas,
  name: string,
  actuators: readonly Actuator[],
  { payloadOf }: EffectTools,
): TakingBack | Fault {
  // A flow or a dashboard may have told it something. What the server has not brought back yet is still the one before.
  const now = payloadOf(topic);
  const isOther = now !== undefined && ![payload, last].some((one) => isSamePayload(one, now));
  if (isOther) return new Fault('changed', text('act.changedBySome', { name }));
  if (before === undefined) return new Fault('unknown', text('act.unknown', { name }));
  // What was there came from others: taking back is no way to an order that this person may not give.
  const [state] = actuators.flatMap((one) => {
    if (one.kind === 'entity') return [];
    if (one.kind === 'saved') return one.payload === before ? [one.name] : [];
    return wordsFor(one, before) ?? [];
  });
  if (state === undefined) return new Fault('notBefore', text('act.notBefore', { name }));
  return { publications: [{ topic, payload: before, qos, retain }], state };
}

function effectOnEntity(
  { name, entity: key }: EntityActuator,
  value: ActValue | undefined,
  { find, templates }: ToldEntities,
): Effect | Fault {
  const found = find(key);
  if (!found) return new Fault('notAnnounced', text('act.notAnnounced', { name }));
  const { entity, current } = found;
  try {
    const command = commandFor(entity, saidTo(entity, value), { templates, current });
    const before = beforeOf(entity, command, current);
    const { publications, expects, isOptimistic } = command;
    return {
      publications,
      assumed: isOptimistic ? { entity: key, expects } : undefined,
      was: { kind: 'entity', entity: key, expects, before, isKnown: current.known },
    };
  } catch (error) {
    return faultOf(error, name);
  }
}

/** A number means percents to a light; what takes no value is pressed, or installed. */
function saidTo({ component }: Entity, value: ActValue | undefined): unknown {
  if (value === undefined) return component === 'update' ? 'install' : 'press';
  return component === 'light' && typeof value === 'number' ? { brightness_pct: value } : value;
}

function entityBack(
  { entity: key, expects, before, isKnown }: EntityWas,
  name: string,
  { find, templates }: ToldEntities,
): TakingBack | Fault {
  const found = find(key);
  if (!found) return new Fault('notAnnounced', text('act.notAnnounced', { name }));
  const { entity, current } = found;
  if (!isUntouched({ expects }, before, current))
    return new Fault('changed', text('act.changedBySome', { name }));
  try {
    const back = isKnown ? commandBack(entity, { expects }, before, { templates, current }) : undefined;
    if (!back) return new Fault('unknown', text('act.unknown', { name }));
    const assumed = back.isOptimistic ? { entity: key, expects: back.expects } : undefined;
    return { publications: back.publications, assumed, state: beforeText({ expects }, before) };
  } catch (error) {
    return faultOf(error, name);
  }
}

function faultOf(error: unknown, name: string): Fault {
  if (!(error instanceof EntityCommandError)) throw error;
  const reason: Text = error.text;
  return new Fault(error.code, text('act.failed', { name, reason }));
}

/** Topics on which devices usually tell the state that an order to this topic sets. */
export function stateTopics(topic: string): string[] {
  const ending = /^(.+)\/(?:set|command|cmd)$/s.exec(topic)?.[1];
  if (ending !== undefined) return [ending, `${ending}/state`];
  const tasmota = /^cmnd\/(.+)$/s.exec(topic)?.[1];
  return tasmota === undefined ? [] : [`stat/${tasmota}`];
}

/** JSON may come back written otherwise: over PubSub a text is in quotation marks. */
function isSamePayload(one: string | undefined, two: string): boolean {
  return one !== undefined && (one === two || canonical(one) === canonical(two));
}

function canonical(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload));
  } catch {
    return JSON.stringify(payload);
  }
}
