import { randomUUID } from 'node:crypto';
import type { Node } from 'node-red';
import { Acts } from '../../answers/acts';
import type { Actuator } from '../../answers/actuators';
import { type Answer, Answerer } from '../../answers/answerer';
import { stateTopics } from '../../answers/effect';
import { Home, type Said } from '../../answers/home';
import { valuesIn } from '../../answers/json-values';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { CodedError, textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import { RateLimit, TooOften } from '../../base/rate-limit';
import type { Text } from '../../base/text';
import { MINUTE } from '../../base/time-units';
import type { ReadText, Translate } from '../../base/translate';
import { pictureName } from '../../history/formats/pictures';
import type { ChatMessage } from '../../xmpp/receiving/stanza-reader';
import { spokenTo } from '../../xmpp/receiving/text-pattern';
import { MAX_LABEL } from '../../xmpp/sending/quick-responses';
import { Sender } from '../../xmpp/sending/sender';
import type { Broker } from '../broker/broker';
import { ToldEntities } from '../homeassistant/told-entities';
import type { Answered, Given } from './answering';
import { firstConnection } from './first-connection';
import { RecordedValues } from './recorded-values';

/** Answers a minute to one recipient; more are joined. */
const RATE = 20;
/** Longest wait for the server to take an order, in milliseconds. */
const PUBLISH_MS = 5_000;
/** Texts of one person within a minute that are looked up: each may be compared with every word of every topic. */
const MAX_ASKED = 60;
const MAX_NICK = 60;
const MAX_WARNINGS = 50;

export interface ChatAnswersOptions {
  node: Pick<Node, 'id' | 'log' | 'warn'>;
  broker: Broker;
  /** Topics that may be read. */
  filters: readonly string[];
  /** Devices that people can control. */
  actuators: readonly Actuator[];
  /** The people who may publish what is saved by name, as an allow list; empty: nobody. */
  publishAllow: string;
  /** What can be answered with one tap becomes a link where a device shows no buttons. */
  links: boolean;
  /** Empty: the name of the account. */
  nick: string;
  roomPassword: string | undefined;
  /** True if messages may reach an alert: its commands are for it. */
  reachesAlerts(): boolean;
  /** True if this person has acknowledged an alert since, in milliseconds since the epoch. */
  hasAcknowledged(by: string, since: number): boolean;
  clock: Clock;
  translate: Translate;
  read: ReadText;
}

/** Answers questions and obeys orders for one `xmpp-in`: records what may be asked for, and says what was recorded. */
export class ChatAnswers {
  private readonly home: Home;
  private readonly acts: Acts;
  private readonly entities: ToldEntities;
  private readonly sender: Sender;
  private readonly warned = new Set<string>();
  private readonly ends: (() => void)[] = [];
  private isClosed = false;
  private connecting: Promise<void> | undefined;
  private readonly asked: RateLimit<string>;

  constructor(private readonly options: ChatAnswersOptions) {
    const { broker, node, filters, nick, roomPassword, clock, translate } = options;
    const { chat } = broker;
    this.asked = new RateLimit(clock, MAX_ASKED, MINUTE);
    const values = new RecordedValues(broker.recorder, broker.names);
    const { aliases, limit, orders } = chat.answering;
    this.entities = new ToldEntities({
      ...{ broker, clock, owner: `${node.id}-answers` },
      keys: new Set(options.actuators.flatMap((one) => (one.kind === 'entity' ? [one.entity] : []))),
      warn: (why) => this.once(why),
    });
    this.acts = new Acts(options.actuators, orders, this.actTools(), options.publishAllow);
    this.home = new Home(new Answerer(filters, values, aliases), this.acts, limit, options.reachesAlerts);
    this.sender = new Sender({
      ...{ stanzas: chat.stanzas, rooms: chat.rooms, kinds: chat.kinds, uploads: chat.uploads },
      ...{ memory: chat.memory, clock, newId: randomUUID, rate: RATE, roomPassword },
      ...{ devices: chat.quickDevices, links: options.links },
      // Under the node's own id its wish to write in a room would take the place of the wish to listen.
      node: `${node.id}-answers`,
      nick: nick || chat.stanzas.account.split('@', 1)[0] || 'bot',
      offlineMs: broker.config.limits.ttl || 3_600_000,
      head: (count) => translate('answers.joined', { count }),
      feedback: (feedback) => feedback.type === 'refused' && this.once(textOf(feedback.error)),
    });
  }

  /** Records the topics that may be asked for, and the states of devices that people can control. */
  start(): void {
    const { broker, filters, actuators, node } = this.options;
    const { watcher } = broker;
    for (const filter of filters)
      this.ends.push(watcher.watch(filter, (reason) => this.once(textOf(reason))));
    // Without them an order cannot be taken back, and that is all.
    const states = new Set(
      actuators.flatMap((one) => (one.kind === 'entity' ? [] : [one.topic, ...stateTopics(one.topic)])),
    );
    this.entities.start();
    for (const topic of states) this.ends.push(watcher.watch(topic, () => {}));
    if (filters.length > 0) this.ends.push(watcher.watchNames());
    const user = { id: `${node.id}-answers`, status: () => {} };
    broker.register(user);
    const first = firstConnection(broker, this.options.clock);
    this.connecting = first?.came.then(() => {
      this.connecting = undefined;
    });
    if (first) this.ends.push(first.end);
    this.ends.push(() => void broker.deregister(user, true).catch(() => {}));
  }

  /** As `Acts.problems`. */
  get problems(): Acts['problems'] {
    return this.acts.problems;
  }

  /**
   * Set until what an earlier process recorded has been read, and the line to the devices had time to come. What is for
   * alerts does not wait for the line: they may ring meanwhile.
   */
  loadingFor(message: ChatMessage): Promise<unknown> | undefined {
    const { loading } = this.options.broker.recorder;
    const said = this.connecting && this.saidToUs(message);
    const needsLine = said !== undefined && !this.home.isForAlerts(said);
    return needsLine ? Promise.allSettled([this.connecting, loading]) : loading;
  }

  /** Answers a message; undefined if it is no question, or is for somebody else. */
  take(message: ChatMessage): Given {
    const said = this.said(message);
    // A message may wait for what is recorded, and a deploy come meanwhile.
    if (!said || this.isClosed) return undefined;
    // The message still belongs to the flow; and a rejection that nobody takes would end Node-RED.
    const failed = (error: unknown): undefined =>
      this.once(error instanceof TooOften ? text('any.tooOften', { seconds: 60 }) : textOf(error));
    const { answering } = this.options.broker.chat;
    try {
      const help = this.home.helpFor(said);
      if (help) {
        const isForAlerts = this.options.reachesAlerts();
        answering.addHelp(message, { ...help, isForAlerts });
        // The first of the others answers for all.
        return isForAlerts
          ? undefined
          : answering.once(message, () => this.help(message, said).catch(failed));
      }
      return answering.once(message, () => {
        this.asked.take(said.person);
        const answer = this.home.take(said);
        if (answer instanceof Promise) return answer.then((one) => this.tell(message, one)).catch(failed);
        return answer && this.tell(message, answer);
      });
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * What the nodes that hear the same answer, where an alert gets the word `help`, and says it with its own. The promise
   * never rejects.
   */
  helpFor(message: ChatMessage): Promise<string | undefined> | undefined {
    const said = this.said(message);
    if (!said || !this.options.reachesAlerts() || !this.home.helpFor(said)) return undefined;
    return this.options.broker.chat.answering
      .helpOf(message)
      .then(({ lines }) => this.words(lines) || undefined)
      .catch((error: unknown) => this.once(textOf(error)));
  }

  close(): void {
    this.isClosed = true;
    this.acts.close();
    this.entities.close();
    for (const end of this.ends.splice(0)) end();
    this.sender.close(new Error('closed'));
  }

  /** The text, if it is for us: what machines say, and what people in a room say to each other, is not. */
  private saidToUs(message: ChatMessage): string | undefined {
    const { kind, room, text, refersTo, alertId, automatic, type, reactions, bridged, truncated } = message;
    if (automatic !== undefined || type === 'headline' || bridged !== undefined) return undefined;
    if (reactions || alertId !== undefined || truncated) return undefined;
    if (kind !== 'groupchat' || room === undefined) return text;
    const said = spokenTo(text, this.options.broker.chat.rooms.nickIn(room) ?? '');
    return said ?? (refersTo === undefined ? undefined : text);
  }

  private said(message: ChatMessage): Said | undefined {
    const text = this.saidToUs(message);
    if (text === undefined) return undefined;
    const { clock } = this.options;
    const { room, from, bare, resource, realJid, nick, to, stamp, isAgeUnknown } = message;
    const person = room === undefined ? bare : (realJid ?? from);
    const by = nick || (bare.split('@', 1)[0] ?? '');
    return {
      ...{ text, person, by, chat: to, stamp, isAgeUnknown, speaker: { bare, resource, room, realJid } },
      ...{ now: clock.now(), steady: clock.steady() },
    };
  }

  private async help(message: ChatMessage, said: Said): Promise<Answered | undefined> {
    this.asked.take(said.person);
    const { lines, choices, isForAlerts } = await this.options.broker.chat.answering.helpOf(message);
    if (isForAlerts || this.isClosed) return undefined;
    return this.tell(message, this.home.help(said, { lines, choices }));
  }

  private tell(message: ChatMessage, answer: Answer): Answered {
    const words = this.words(answer.lines);
    if (answer.log) this.options.node.log(this.options.read(answer.log));
    if (!answer.isSilent) this.sendAnswer(message, words, answer);
    return { kind: answer.kind, topics: answer.topics, text: words };
  }

  private actTools(): ConstructorParameters<typeof Acts>[2] {
    const { broker, clock, node, read, hasAcknowledged } = this.options;
    const { recorder } = broker;
    return {
      ...{ clock, account: broker.chat.stanzas.account, hasAcknowledged },
      isConnected: () => broker.connected,
      entities: this.entities.told,
      presets: () => broker.presets.memory.all,
      publish: (order) => this.publish(order),
      payloadOf: (topic) => {
        const last = recorder.last(topic);
        return last?.complete && last.bytes > 0 ? last.payload.toString('utf8') : undefined;
      },
      stateOf: (topic) => {
        const [row] = recorder.rowsOf([topic], -1).rows;
        if (row?.kind === 'number') return row.number;
        if (row?.kind === 'boolean') return row.number === 1;
        if (row?.kind === 'text') return row.text;
        // Zigbee2MQTT takes a bare word, and tells the state within JSON.
        const last = recorder.last(topic);
        return last?.complete ? valuesIn(last.payload).get('state') : undefined;
      },
      log: (said) => node.log(read(said)),
    };
  }

  /** Nobody waits longer for an answer; an order that still waits here by then is not sent any more. */
  private publish(order: { topic: string; payload: string; qos: 0 | 1 | 2; retain: boolean }): Promise<void> {
    const { broker, clock } = this.options;
    return new Promise((resolve, reject) => {
      let isLate = false;
      const stop = clock.after(PUBLISH_MS, () => {
        isLate = true;
        reject(new CodedError('time', text('act.time')));
      });
      broker.publish({ ...order, isSaid: true, obsolete: () => isLate }, (error) => {
        stop();
        if (error) reject(error);
        else resolve();
      });
    });
  }

  private words(lines: readonly Text[]): string {
    return lines.map((line) => this.options.read(line)).join('\n');
  }

  /** With something to tap, the device that asked is asked first if it shows buttons. */
  private sendAnswer(message: ChatMessage, words: string, answer: Answer): void {
    const { kind, room, from } = message;
    const isTapped = answer.choices !== undefined && kind === 'chat' && room === undefined;
    if (!isTapped) this.send(message, words, answer);
    else
      void this.options.broker.chat.quickDevices
        .shows(from)
        .then(() => this.isClosed || this.send(message, words, answer))
        // A rejection that nobody takes would end Node-RED.
        .catch((error: unknown) => this.once(textOf(error)));
  }

  private send(
    { to, kind, nick, thread }: ChatMessage,
    words: string,
    { picture, choices, topics }: Answer,
  ): void {
    const said = kind === 'groupchat' && nick !== undefined ? saidTo(nick, words) : words;
    const responses = choices?.map(({ value, label }) => ({ value, label: plain(label, MAX_LABEL - 1) }));
    const about = { to: [to], kind, thread, hints: [], receipt: false, automatic: 1, responses };
    const say = (what: { text?: string; files: { data: Buffer; name: string; folder: string }[] }): void =>
      void this.sender.send({ ...about, ...what }).then(({ failures: [failed] }) => {
        if (failed) this.once(textOf(failed.error));
      });
    say({ text: said, files: [] });
    if (!picture) return;
    const draw = (): void =>
      say({ files: [{ data: picture(), name: pictureName(topics[0] ?? ''), folder: '' }] });
    // Without a service for files the line of bars says it.
    this.options.broker.chat.uploads.limit().then(
      () => {
        try {
          draw();
        } catch (error) {
          this.once(textOf(error));
        }
      },
      () => {},
    );
  }

  /** Each reason once. */
  private once(why: Text): undefined {
    const { node, read, translate } = this.options;
    const said = read(why);
    if (this.warned.has(said) || this.warned.size >= MAX_WARNINGS) return undefined;
    this.warned.add(said);
    node.warn(translate('warning.answers', { reason: said }));
    return undefined;
  }
}

/** A text to somebody in a room. Who is called `!kick ben` would have us command another bot: such a nick is left out. */
export function saidTo(nick: string, words: string): string {
  if (/^[\s\p{P}$+<=>^`|~]/u.test(nick)) return words;
  return `${plain(nick, MAX_NICK)}${words.includes('\n') ? ':\n' : ': '}${words}`;
}
