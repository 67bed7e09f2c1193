/** Gives devices the orders that people may give them, and takes the newest one back. */
import { BoundedMap } from '../base/bounded-map';
import { text } from '../base/catalogue';
import type { Clock } from '../base/clock';
import { CodedError, textOf } from '../base/coded-error';
import { Fault } from '../base/fault';
import { RateLimit, TooOften } from '../base/rate-limit';
import type { Text } from '../base/text';
import { MINUTE } from '../base/time-units';
import { AllowList, type Speaker } from '../xmpp/receiving/allow-list';
import { type Actuator, type SavedActuator, shownValue, takesValue } from './actuators';
import type { Answer } from './answerer';
import { type Effect, type EffectTools, effectOf, takingBack, targetOf, type Was } from './effect';
import { type Order, publishedIn, readOrder, readPublishing } from './orders';
import type { Preset } from './presets';
import { tokensIn } from './words';

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

export interface ActTools extends EffectTools {
  clock: Clock;
  /** Own bare JID, whose devices may do everything. */
  account: string;
  isConnected(): boolean;
  /** Resolves when the server has it. Rejects with the reason. */
  publish(order: OrderedPublication): Promise<void>;
  /** Publications that people saved by name; another list after each change. */
  presets(): readonly Preset[];
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
  /** See `targetOf`. */
  target: string;
  was: Was;
  /** Milliseconds of the steady clock, and since the epoch. */
  steady: number;
  at: number;
}

/** Orders that can be taken back, of all nodes of an account. */
export class ActMemory {
  acts: Act[] = [];
  /** Orders that came last, by their device. */
  readonly last = new BoundedMap<string, Act>(1_000);
  /** The nodes that are there now. */
  readonly tables = new Set<Acts>();
}

/** Understood whatever language is spoken. */
const YES = { value: 'yes', label: '✔' };
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
  private readonly publishers: AllowList;
  private saved: { of: readonly Preset[]; actuators: readonly SavedActuator[] } = { of: [], actuators: [] };
  private readonly allowed = new Map<Actuator, AllowList>();
  private readonly guesses = new BoundedMap<string, { order: Order; steady: number }>(MAX_GUESSES);

  constructor(
    private readonly actuators: readonly Actuator[],
    private readonly memory: ActMemory,
    private readonly tools: ActTools,
    /** The people who may publish what is saved by name, as an allow list; empty: nobody. */
    private readonly publishAllow = '',
  ) {
    this.publishers = new AllowList(publishAllow, tools.account);
    this.limit = new RateLimit(tools.clock, MAX_ORDERS, MINUTE);
    for (const one of actuators) this.allowed.set(one, new AllowList(one.allow, tools.account));
    memory.tables.add(this);
  }

  /** Its node is gone, and so is what it allowed. */
  close(): void {
    this.memory.tables.delete(this);
  }

  /** True if nobody can be told anything here. */
  get isEmpty(): boolean {
    return this.actuators.length === 0 && this.publishAllow.trim() === '';
  }

  /** Entries of allow lists that allow nobody: a name without a domain. `number` is that of the device; 0: who may publish. */
  get problems(): { number: number; entry: string }[] {
    const lists: [number, AllowList | undefined][] = [
      ...this.actuators.map((one): [number, AllowList | undefined] => [one.number, this.allowed.get(one)]),
      [0, this.publishers],
    ];
    return lists.flatMap(([number, list]) => (list?.problems ?? []).map(({ entry }) => ({ number, entry })));
  }

  /** Names of the devices that somebody may tell something. */
  namesFor(speaker: Speaker): string[] {
    return this.actuators
      .filter((one) => this.may(one, speaker))
      .map((one) => (takesValue(one) ? one.name : `${one.name} !`));
  }

  /** Names of the saved publications that somebody may send. */
  savedFor(speaker: Speaker): string[] {
    return this.mayPublish(speaker) ? this.savedActuators().map(({ name }) => name) : [];
  }

  /** The order in a text; undefined if it is none. */
  read(acting: Acting): Order | undefined {
    const guess = this.guesses.get(keyOf(acting));
    this.guesses.delete(keyOf(acting));
    const isYes = /^(?:yes|ja|1)[.!]?$/i.test(acting.text.trim());
    if (guess && isYes && this.tools.clock.steady() - guess.steady < UNDO_MS) return guess.order;
    const publishing = this.mayPublish(acting.speaker) && readPublishing(acting.text, this.savedActuators());
    if (publishing) return publishing;
    // What is nearly the name of a device is told to those alone who may know it.
    const known = this.actuators.filter((one) => this.may(one, acting.speaker));
    const order = readOrder(acting.text, this.actuators, known);
    // Another node has a device of this name, too, and takes the order: this one has nothing to refuse.
    const isRefused = order !== undefined && !this.may(order.actuator, acting.speaker);
    return isRefused && this.isForAnother(acting) ? undefined : order;
  }

  /** True if another node of the account takes an order, and this one does not. */
  isForAnother(acting: Acting): boolean {
    return [...this.memory.tables].some((one) => one !== this && one.takes(acting));
  }

  /** True if it has the device, or what is saved by name, and this person may. */
  private takes({ text: line, speaker }: Acting): boolean {
    if (this.mayPublish(speaker) && publishedIn(line)) return true;
    const order = readOrder(
      line,
      this.actuators.filter((one) => this.may(one, speaker)),
    );
    return order?.isGuess === false && (takesValue(order.actuator) || order.isUrged);
  }

  /** True if this person may tell a device something. */
  may(actuator: Actuator, speaker: Speaker): boolean {
    if (actuator.kind === 'saved') return this.mayPublish(speaker);
    // An empty list would allow the own account, whoever uses it.
    return actuator.allow.trim() !== '' && this.allowed.get(actuator)?.allows(speaker) === true;
  }

  mayPublish(speaker: Speaker): boolean {
    return this.publishAllow.trim() !== '' && this.publishers.allows(speaker);
  }

  private savedActuators(): readonly SavedActuator[] {
    const presets = this.tools.presets();
    if (this.saved.of === presets) return this.saved.actuators;
    const actuators = presets
      .filter(({ chat }) => chat)
      .map(({ name, topic, payload, qos, retain }) => ({
        ...{ kind: 'saved' as const, number: 0, name, words: tokensIn(name), allow: '' },
        ...{ topic, payload, qos, retain },
      }));
    this.saved = { of: presets, actuators };
    return actuators;
  }

  /** Carries an order out, if this person may give it. */
  async obey({ actuator, value, isGuess }: Order, acting: Acting): Promise<Answer> {
    const { clock, isConnected, log } = this.tools;
    const { name } = actuator;
    try {
      this.limit.take(acting.person);
    } catch (error) {
      if (!(error instanceof TooOften)) throw error;
      return { kind: 'refused', topics: [], lines: [error.text] };
    }
    if (!this.may(actuator, acting.speaker))
      return this.refused(text('act.notAllowed', { name }), acting, name);
    if (this.isLate(acting)) return this.refused(text('act.late', { name }), acting, name);
    const effect = effectOf(actuator, value, this.tools);
    if (effect instanceof Fault) return this.refused(effect.text, acting, name);
    const topics = topicsOf(effect);
    const said = value === undefined ? name : `${name} ${shownValue(value)}`;
    if (isGuess) {
      this.guesses.set(keyOf(acting), {
        order: { actuator, value, isGuess: false, isUrged: true },
        steady: clock.steady(),
      });
      return { kind: 'list', topics, lines: [text('act.guess', { said })], choices: [YES] };
    }
    if (!isConnected()) return this.refused(text('act.offline'), acting, name);
    const { person, chat, by } = acting;
    const remember = (): void =>
      this.remember({
        ...{ person, chat, by, name, target: targetOf(actuator), was: effect.was },
        ...{ steady: clock.steady(), at: clock.now() },
      });
    try {
      await this.publishAll(effect);
    } catch (error) {
      // It may have arrived: `undo` is about this one, and about none before it.
      if (isUnsure(error)) remember();
      return this.refused(failure(error, name), acting, name);
    }
    remember();
    for (const { topic, payload } of effect.publications)
      log(text('act.log', { by: person, name, topic, payload }));
    return { kind: 'act', topics, lines: [text('act.done', { said })] };
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
    const { name, target, was } = act;
    const refuse = (why: Text): Answer => this.refused(why, acting, name);
    if (this.isLate(acting)) return refuse(text('act.late', { name }));
    // Somebody else may have the nick now, and a deploy may have changed who may. It may be an order of another node.
    const tables = [...this.memory.tables];
    const actuators = tables.flatMap((table) => table.actuatorsFor(target, acting.speaker));
    if (!actuators.some((one) => one.name === name)) return refuse(text('act.notAllowed', { name }));
    // Before the server has answered: it is taken back once.
    this.memory.acts = this.memory.acts.filter((one) => one !== act);
    const newer = this.memory.last.get(target);
    if (newer && newer !== act) return refuse(text('act.changed', { name, by: newer.by }));
    // The node that answers may have no such entity: another one gave the order.
    const table = tables.find((one) => one.actuatorsFor(target, acting.speaker).length > 0) ?? this;
    const back = takingBack(was, name, actuators, table.tools);
    if (back instanceof Fault) return refuse(back.text);
    try {
      await table.publishAll(back);
    } catch (error) {
      return refuse(failure(error, name));
    }
    for (const { topic, payload } of back.publications)
      this.tools.log(text('act.log', { by: acting.person, name, topic, payload }));
    const { state } = back;
    return { kind: 'act', topics: topicsOf(back), lines: [text('act.undone', { name, state })] };
  }

  private actuatorsFor(target: string, speaker: Speaker): Actuator[] {
    return [...this.actuators, ...this.savedActuators()].filter(
      (one) => targetOf(one) === target && this.may(one, speaker),
    );
  }

  /** Rejects with the first reason, for an unsure one first: what may have arrived counts. */
  private async publishAll({
    publications,
    assumed,
  }: Pick<Effect, 'publications' | 'assumed'>): Promise<void> {
    const settled = await Promise.allSettled(publications.map((one) => this.tools.publish({ ...one })));
    const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    if (reasons.length > 0) throw reasons.find(isUnsure) ?? reasons[0];
    if (assumed) this.tools.entities.assume(assumed.entity, assumed.expects);
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

  private remember(act: Act): void {
    const { memory } = this;
    memory.acts = [...memory.acts.slice(1 - MAX_ACTS), act];
    memory.last.set(act.target, act);
  }

  private refused(why: Text, { person }: Acting, name: string): Answer {
    this.tools.log(text('act.refusedLog', { by: person, name, why }));
    return { kind: 'refused', topics: [], lines: [why] };
  }
}

/** The server has not said whether it has it. */
const isUnsure = (error: unknown): boolean => error instanceof CodedError && error.code === 'time';

const failure = (error: unknown, name: string): Text =>
  isUnsure(error)
    ? text('act.unsure', { name })
    : text('act.failed', { name, reason: textOf(error as Error) });

const topicsOf = ({ publications }: Pick<Effect, 'publications'>): string[] => [
  ...new Set(publications.map(({ topic }) => topic)),
];
const keyOf = ({ person, chat }: Acting): string => JSON.stringify([person, chat]);
