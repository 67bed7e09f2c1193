import { showText } from '../../alert/alert-text';
import type { AlertView } from '../../alert/alert-view';
import type { CommandAnswer } from '../../alert/command-handler';
import type { Dependents } from '../../alert/dependents';
import type { Check, DeviceFacts } from '../../alert/device-check';
import type { KeyEntry } from '../../alert/keys';
import type { AlertMachine } from '../../alert/machine';
import { type AckedView, ackedView } from '../../alert/past-alerts';
import { quietView } from '../../alert/quiet';
import type { AlertEvent, Value } from '../../alert/states';
import { writtenAddress } from '../../xmpp/address-text';
import type { Message } from './message-reader';

/** Alerts of a status that can be acknowledged with one tap. */
const MAX_TAPPED = 6;

/** `msg.payload` of output 1. */
export interface AlertPayload {
  id: string;
  /** Short number for people; 0 for a message about several alerts. */
  number: number;
  key: string;
  state: string;
  previous: string;
  value: Value | null;
  unit: string;
  limit: Value | null;
  severity: string;
  /** ISO 8601. */
  since: string;
  /** In milliseconds. */
  duration: number;
  reason: string;
  acked: AckedView | null;
  text: string;
  spark: string;
  /** Alerts that it holds back, with the first of their keys. */
  dependents?: Dependents;
  /** The device that it is about, and what is wrong with it. */
  device?: DeviceFacts;
  check?: Check;
  /** Set if it was sent before and nobody confirmed it. */
  again?: true;
  /** The alerts of a message about several. */
  alerts?: AlertPayload[];
}

function payloadOf(event: AlertEvent, spark: (key: string) => string): AlertPayload {
  const { id, number, key, state, previous, unit, severity, reason, text, acked, alerts, subject } = event;
  return {
    id,
    number,
    key,
    state,
    previous,
    value: event.value ?? null,
    unit,
    limit: event.limit ?? null,
    severity,
    since: new Date(event.since).toISOString(),
    duration: Math.max(0, event.at - event.since),
    reason,
    acked: ackedView(acked),
    text: showText(text),
    spark: alerts || reason === 'connection' ? '' : spark(key),
    ...(event.dependents && { dependents: event.dependents }),
    ...(subject && { device: subject.device, check: subject.check }),
    ...(alerts && { alerts: alerts.map((one) => payloadOf(one, spark)) }),
  };
}

/** A message for output 1; `again`: it goes out once more. `topic` is the key, or the node's name if there is one key for all. */
export function alertMessage(
  event: AlertEvent,
  name: string,
  spark: (key: string) => string,
  again = false,
): Message {
  const alertId = event.replaces ?? event.id;
  return {
    topic: event.key === '' ? name : event.key,
    payload: { ...payloadOf(event, spark), ...(again && { again: true }) },
    alertId,
    ...(isToBeAcknowledged(event) && { responses: responsesTo(event.number) }),
    ...(event.replaces !== undefined && { replaces: { alertId } }),
  };
}

/** True for one open alert that nobody has acknowledged. */
const isToBeAcknowledged = ({ state, number, acked, alerts }: AlertEvent): boolean =>
  state === 'firing' && number > 0 && !acked && !alerts;

/** `msg.responses`: what can be answered with one tap, in words of every language that alerts know. */
const responsesTo = (number: number): { value: string; label: string }[] => [
  { value: `ok ${number}`, label: '✔ ok' },
  { value: `silence ${number} 1h`, label: '🔕 1 h' },
];

/** The same message for others, once nobody has acknowledged its alert in time; undefined: it is not for them. */
export function escalationOf(
  { escalated, alerts }: AlertEvent,
  message: Message,
  to: readonly string[],
  newId: () => string,
): Message | undefined {
  const isFor = to.length > 0 && (escalated || alerts?.some((one) => one.escalated));
  return isFor ? { ...message, _msgid: newId(), to: [...to], escalation: 1 } : undefined;
}

/** `msg.alert` of output 2. `why`: the reason why a sample was not valid. */
export function sampleView(entry: KeyEntry, machine: AlertMachine, now: number): Record<string, unknown> {
  const { episode } = entry;
  const view: Record<string, unknown> = {
    key: entry.key,
    state: machine.enabled ? entry.state : 'disabled',
    valid: true,
    value: entry.value,
    unit: entry.unit,
    limit: entry.limits?.source.limit,
    since: entry.since,
    silenced: machine.silences.all.length > 0 && machine.silences.of(entry.key, now) !== undefined,
    flapping: entry.flapping,
    acked: episode?.acked !== undefined,
    ...(episode && { id: episode.id, number: episode.number, severity: episode.severity }),
  };
  // Nothing more for a key without an alert: this is done for each sample.
  if (episode || entry.notified) addQuiet(view, entry, machine, now);
  return view;
}

/** Why nothing is sent about an alert, and the alert that holds it back. */
function addQuiet(view: Record<string, unknown>, entry: KeyEntry, machine: AlertMachine, now: number): void {
  const quiet = machine.notifier.quietOf(entry, now);
  if (!quiet) return;
  view.quiet = quietView(quiet);
  if (quiet.by === 'dependency') view.heldBy = machine.heldBy(entry);
}

export function invalidView(key: string, entry: KeyEntry | undefined, why: string): Record<string, unknown> {
  return { key, state: entry?.state ?? 'normal', valid: false, why, invalid: entry?.invalid ?? 1 };
}

/** A message for output 3, to the person who asked. */
export function answerMessage(
  answer: CommandAnswer,
  asked: Message,
  payload: unknown = answer.text,
): Message {
  const { ok, cmd, alerts } = answer;
  const to = asked.to ?? senderOf(asked);
  return {
    ...(asked.topic === undefined ? {} : { topic: asked.topic }),
    payload,
    ...(to === undefined ? {} : { to }),
    ...(asked.kind === undefined ? {} : { kind: asked.kind }),
    ...(typeof asked.thread === 'string' ? { thread: asked.thread } : {}),
    ...responsesToAll(alerts),
    alert: { cmd, ok, ...(alerts && { alerts: alerts.map(plainView) }) },
  };
}

/** The newest of the open alerts that a status lists can be acknowledged with one tap. */
function responsesToAll(alerts: readonly AlertView[] = []): Message {
  const open = alerts.filter(({ state, acked, number = 0 }) => state === 'firing' && !acked && number > 0);
  const numbers = [...new Set(open.map(({ number }) => number))].slice(-MAX_TAPPED);
  if (numbers.length === 0) return {};
  return { responses: numbers.map((number) => ({ value: `ok ${number}`, label: `✔ #${number}` })) };
}

function senderOf(asked: Message): unknown {
  const { xmpp } = asked as { xmpp?: { from?: unknown; room?: unknown } };
  const from = xmpp?.room ?? xmpp?.from;
  return typeof from === 'string' ? writtenAddress(from.replace(/\/.*$/s, '')) : undefined;
}

const plainView = (view: AlertView): AlertView => ({ ...view });
