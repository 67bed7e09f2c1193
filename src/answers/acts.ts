/** Gives devices the orders that people may give them, and takes the newest one back. */
import { BoundedMap } from '../base/bounded-map';
import { text } from '../base/catalogue';
import type { Clock } from '../base/clock';
import { CodedError, textOf } from '../base/coded-error';
import { RateLimit, TooOften } from '../base/rate-limit';
import type { Text } from '../base/text';
import { MINUTE } from '../base/time-units';
import { AllowList, type Speaker } from '../xmpp/receiving/allow-list';
import { type Actuator, type ActValue, payloadFor, shownValue, takesValue, wordsFor } from './actuators';
import type { Answer } from './answerer';
import { type Order, readOrder } from './orders';

/** Somebody says something. */
export interface Acting {
  text: string;
  /** As in `Asked`. */
  person: string;
  chat: string;
  speaker: Speaker;
  /** A name for people, and for acknowledgements. */
  by: string;
  /** When it was said, in milliseconds since the epoch. */
  stamp: number;
  /** The stamp says nothing. */
  isAgeUnknown?: true | undefined;
}

export interface OrderedPublication {
  topic: string;
  payload: string;
  qos: 0 | 1 | 2;
  retain: boolean;
}

export interface ActTools {
  clock: Clock;
  /** Own bare JID, whose devices may do everything. */
  account: string;
  isConnected(): boolean;
  /** Resolves when the server has it. Rejects with the reason. */
  publish(order: OrderedPublication): Promise<void>;
  /** The last payload of a topic, if all of it is known. */
  payloadOf(topic: string): string | undefined;
  /** The last value of a topic. */
  stateOf(topic: string): ActValue | undefined;
  /** True if this person has acknowledged an alert since, in milliseconds since the epoch. */
  hasAcknowledged(by: string, since: number): boolean;
  log(said: Text): void;
}

/** An order that was given. */
interface Act {
  person: string;
  chat: string;
  by: string;
  name: string;
  topic: string;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** The payload that takes it back; undefined: nobody knows. */
  before: string | undefined;
  /** The payload of the order, and the last one of the topic before it. */
  payload: string;
  last: string | undefined;
  /** Milliseconds of the steady clock, and since the epoch. */
  steady: number;
  at: number;
}

/** Orders that can be taken back, of all nodes of an account. */
export class ActMemory {
  acts: Act[] = [];
  /** Payloads that were ordered last, by topic. */
  readonly last = new BoundedMap<string, Act>(1_000);
  /** The nodes that are there now. */
  readonly tables = new Set<Acts>();
}

const MAX_ACTS = 200;
/** Time in which an order can be taken back, in milliseconds. */
const UNDO_MS = MINUTE;
/** An order that lay somewhere for longer is not carried out any more, in milliseconds. */
const MAX_AGE = 5 * MINUTE;
/** Orders of one person within a minute. */
const MAX_ORDERS = 30;
/** Orders that wait for a yes, and for how long, in milliseconds. */
const MAX_GUESSES = 200;

export class Acts {
  private readonly limit: RateLimit<string>;
  private readonly allowed = new Map<Actuator, AllowList>();
  private readonly guesses = new BoundedMap<string, { order: Order; steady: number }>(MAX_GUESSES);

  constructor(
    private readonly actuators: readonly Actuator[],
    private readonly memory: ActMemory,
    private readonly tools: ActTools,
  ) {
    this.limit = new RateLimit(tools.clock, MAX_ORDERS, MINUTE);
    for (const one of actuators) this.allowed.set(one, new AllowList(one.allow, tools.account));
    memory.tables.add(this);
  }

  /** Its node is gone, and so is what it allowed. */
  close(): void {
    this.memory.tables.delete(this);
  }

  get size(): number {
    return this.actuators.length;
  }

  /** Entries of allow lists that allow nobody, with their actuator. */
  get problems(): { name: string; entry: string }[] {
    return this.actuators.flatMap((one) =>
      (this.allowed.get(one)?.problems ?? []).map(({ entry }) => ({ name: one.name, entry })),
    );
  }

  /** Names of the devices that somebody may tell something. */
  namesFor(speaker: Speaker): string[] {
    return this.actuators
      .filter((one) => this.may(one, speaker))
      .map((one) => (takesValue(one) ? one.name : `${one.name} !`));
  }

  /** The order in a text; undefined if it is none. */
  read(acting: Acting): Order | undefined {
    const guess = this.guesses.get(keyOf(acting));
    this.guesses.delete(keyOf(acting));
    const isYes = /^(?:yes|ja|1)[.!]?$/i.test(acting.text.trim());
    if (guess && isYes && this.tools.clock.steady() - guess.steady < UNDO_MS) return guess.order;
    // What is nearly the name of a device is told to those alone who may know it.
    const known = this.actuators.filter((one) => this.may(one, acting.speaker));
    return readOrder(acting.text, this.actuators, known);
  }

  /** True if this person may tell a device something. */
  may(actuator: Actuator, speaker: Speaker): boolean {
    // An empty list would allow the own account, whoever uses it.
    return actuator.allow.trim() !== '' && this.allowed.get(actuator)?.allows(speaker) === true;
  }

  /** Carries an order out, if this person may give it. */
  async obey({ actuator, value, isGuess }: Order, acting: Acting): Promise<Answer> {
    const { clock, isConnected, publish, log } = this.tools;
    const { name, topic, qos, retain } = actuator;
    try {
      this.limit.take(acting.person);
    } catch (error) {
      if (!(error instanceof TooOften)) throw error;
      return { kind: 'refused', topics: [], lines: [error.text] };
    }
    if (!this.may(actuator, acting.speaker))
      return this.refused(text('act.notAllowed', { name }), acting, name);
    if (this.isLate(acting)) return this.refused(text('act.late', { name }), acting, name);
    const payload = payloadFor(actuator, value);
    if (payload === undefined) return this.refused(text('act.value', { name }), acting, name);
    const said = value === undefined ? name : `${name} ${shownValue(value)}`;
    if (isGuess) {
      this.guesses.set(keyOf(acting), {
        order: { actuator, value, isGuess: false, isUrged: true },
        steady: clock.steady(),
      });
      return { kind: 'list', topics: [topic], lines: [text('act.guess', { said })] };
    }
    if (!isConnected()) return this.refused(text('act.offline'), acting, name);
    const { person, chat, by } = acting;
    const last = this.tools.payloadOf(topic);
    const before = this.before(actuator, payload, last);
    const remember = (): void =>
      this.remember({
        ...{ person, chat, by, name, topic, qos, retain, before, payload, last },
        ...{ steady: clock.steady(), at: clock.now() },
      });
    try {
      await publish({ topic, payload, qos, retain });
    } catch (error) {
      // It may have arrived: `undo` is about this one, and about none before it.
      if (isUnsure(error)) remember();
      return this.refused(failure(error, name), acting, name);
    }
    remember();
    log(text('act.log', { by: person, name, topic, payload }));
    return { kind: 'act', topics: [topic], lines: [text('act.done', { said })] };
  }

  /** True if there is an order to take back that is newer than this person's acknowledgements. */
  canUndo(acting: Acting): boolean {
    const act = this.newest(acting);
    return act !== undefined && !this.tools.hasAcknowledged(act.by, act.at);
  }

  /** Takes the newest order of this person in this chat back. */
  async undo(acting: Acting): Promise<Answer> {
    const act = this.newest(acting);
    if (!act) return { kind: 'refused', topics: [], lines: [text('act.nothing')] };
    const { name, topic, qos, retain, before } = act;
    const refuse = (why: Text): Answer => this.refused(why, acting, name);
    if (this.isLate(acting)) return refuse(text('act.late', { name }));
    // Somebody else may have the nick now, and a deploy may have changed who may. It may be an order of another node.
    const tables = [...this.memory.tables];
    const actuators = tables.flatMap((table) => table.actuatorsFor(topic, acting.speaker));
    if (!actuators.some((one) => one.name === name)) return refuse(text('act.notAllowed', { name }));
    // Before the server has answered: it is taken back once.
    this.memory.acts = this.memory.acts.filter((one) => one !== act);
    const newer = this.memory.last.get(topic);
    if (newer && newer !== act) return refuse(text('act.changed', { name, by: newer.by }));
    // A flow or a dashboard may have. What the server has not brought back yet is still the one before.
    const now = this.tools.payloadOf(topic);
    const isOther = now !== undefined && ![act.payload, act.last].some((one) => isSamePayload(one, now));
    if (isOther) return refuse(text('act.changedBySome', { name }));
    if (before === undefined) return refuse(text('act.unknown', { name }));
    // What was there came from others: taking back is no way to an order that this person may not give.
    const [state] = actuators.flatMap((one) => wordsFor(one, before) ?? []);
    if (state === undefined) return refuse(text('act.notBefore', { name }));
    try {
      await this.tools.publish({ topic, payload: before, qos, retain });
    } catch (error) {
      return refuse(failure(error, name));
    }
    this.tools.log(text('act.log', { by: acting.person, name, topic, payload: before }));
    return { kind: 'act', topics: [topic], lines: [text('act.undone', { name, state })] };
  }

  private actuatorsFor(topic: string, speaker: Speaker): Actuator[] {
    return this.actuators.filter((one) => one.topic === topic && this.may(one, speaker));
  }

  private isLate({ stamp, isAgeUnknown }: Acting): boolean {
    return isAgeUnknown === true || this.tools.clock.now() - stamp > MAX_AGE;
  }

  private newest({ person, chat }: Acting): Act | undefined {
    const now = this.tools.clock.steady();
    return this.memory.acts.findLast(
      (act) => act.person === person && act.chat === chat && now - act.steady < UNDO_MS,
    );
  }

  /** What was before: the state that the device told, else what was ordered last. */
  private before(actuator: Actuator, payload: string, last: string | undefined): Act['before'] {
    const { topic } = actuator;
    for (const state of takesValue(actuator) ? stateTopics(topic) : []) {
      const value = this.tools.stateOf(state);
      const made = value === undefined ? undefined : payloadFor(actuator, value);
      // Whatever a device calls its state, it says no more than people may.
      if (made !== undefined && wordsFor(actuator, made) !== undefined) return made;
    }
    return last === payload ? undefined : last;
  }

  private remember(act: Act): void {
    const { memory } = this;
    memory.acts = [...memory.acts.slice(1 - MAX_ACTS), act];
    memory.last.set(act.topic, act);
  }

  private refused(why: Text, { person }: Acting, name: string): Answer {
    this.tools.log(text('act.refusedLog', { by: person, name, why }));
    return { kind: 'refused', topics: [], lines: [why] };
  }
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

/** The server has not said whether it has it. */
const isUnsure = (error: unknown): boolean => error instanceof CodedError && error.code === 'time';

const failure = (error: unknown, name: string): Text =>
  isUnsure(error)
    ? text('act.unsure', { name })
    : text('act.failed', { name, reason: textOf(error as Error) });

const keyOf = ({ person, chat }: Acting): string => JSON.stringify([person, chat]);
