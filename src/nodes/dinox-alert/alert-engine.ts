import type { AlertRecord, AlertStore } from '../../alert/alert-store';
import { showText } from '../../alert/alert-text';
import { readCalendarDays } from '../../alert/calendar';
import { AlertCommands, type CommandAnswer } from '../../alert/command-handler';
import type { NodeDependencies } from '../../alert/dependencies';
import type { KeyEntry } from '../../alert/keys';
import type { Limits } from '../../alert/limits';
import { AlertMachine } from '../../alert/machine';
import { MessageTexts } from '../../alert/message-texts';
import { keepNoDataCheckpoints } from '../../alert/no-data-checkpoints';
import type { NodeNumbers, NumberPool } from '../../alert/number-pool';
import { dayOfText } from '../../alert/quiet-grammar';
import {
  isWorthKeeping,
  keyRecord,
  nodeRecord,
  restore,
  type Snapshot,
  snapshot,
} from '../../alert/snapshot';
import type { AlertEvent, Value } from '../../alert/states';
import type { SteadyClock } from '../../alert/steady-clock';
import type { ReadText, Translate } from '../../base/translate';
import { pictureName } from '../../history/formats/pictures';
import type { History } from '../../history/history';
import type { HistoryStore } from '../../history/store/history-store';
import { AlertDelivery } from './alert-delivery';
import { AlertHistory } from './alert-history';
import type { AlertConfig } from './config';
import { holidayText, NO_HOLIDAYS } from './holiday-text';
import type { Message, SampleMessage } from './message-reader';
import { alertMessage, answerMessage, escalationOf } from './messages';
import type { NodeDevices } from './node-devices';
import { OwnMessages } from './own-message';
import { testCheck, testValue } from './test-value';
import type { TopicNames } from './topic-names';

/** Milliseconds by which writes that are not urgent are delayed. */
const LATER = 5_000;
/** Values from which on a message draws them. */
const WORTH_DRAWING = 8;

export interface AlertEngineOptions {
  config: AlertConfig;
  clock: SteadyClock;
  translate: Translate;
  read: ReadText;
  /** Replaces the key where there is one for all. */
  name: string;
  newId(): string;
  /** What people call keys, and their units. @default the keys themselves */
  names?: Pick<TopicNames, 'titleOf' | 'unitOf' | 'openingOf'> | undefined;
  /** The message template does not fit an alert that no sample has raised. */
  messageFailed?(why: Error): void;
  /** Id of the node. */
  id: string;
  /** The short numbers of all open alerts in this Node-RED. */
  numbers: NumberPool;
  /** What its keys depend on. @default nothing */
  dependencies?: NodeDependencies | undefined;
  /** Store of the states; undefined: they are not kept. */
  store: AlertStore | undefined;
  /** Makes the store of the history; undefined: it is not kept. */
  historyStore: ((history: History) => HistoryStore) | undefined;
  /** Messages for output 1. */
  send(messages: Message[]): void;
  /** The wires of output 1 lead to an `xmpp-out`. @default they do not */
  leadsToChat?(): boolean;
  /** Delivery of the predecessor that a deploy ended. */
  predecessor?: AlertDelivery | undefined;
  /** Called when more alerts than anybody could read wait for a confirmation. */
  tooManyUndelivered?(): void;
  /** Called when something changed that the status shows. */
  changed(): void;
  /** Called after each valid sample. @default not at all */
  sampled?: (() => void) | undefined;
  /** Called when a key is forgotten. */
  forgotten?(key: string): void;
}

/** Everything behind a `dinox-alert` except Node-RED: machine, commands, history, and their stores. */
export class AlertEngine {
  readonly machine: AlertMachine;
  readonly commands: AlertCommands;
  readonly recordings: AlertHistory;
  private readonly texts: MessageTexts;
  private readonly numbers: NodeNumbers;
  private stopLater: (() => void) | undefined;
  /** The attachment of the sample that is being taken. */
  private attached: { key: string; attachment: unknown } | undefined;
  /** Messages in the node's own words. */
  readonly own: OwnMessages;
  /** The devices that it watches; undefined: it watches values. */
  devices: NodeDevices | undefined;
  /** Sends alerts, and knows which of them nobody has confirmed. */
  readonly delivery: AlertDelivery;
  private stopCheckpoints: (() => void) | undefined;

  constructor(private readonly options: AlertEngineOptions) {
    const { config, clock, translate, name } = options;
    const { rules } = config;
    this.own = new OwnMessages(config.message, (why) => options.messageFailed?.(why));
    this.texts = new MessageTexts(rules, translate, {
      ...{ timeZone: config.timeZone, name },
      subject: (key) => this.machine.keys.map.get(key)?.subject,
      title: (key) => options.names?.titleOf(key) ?? '',
      opening: (key, value) => options.names?.openingOf(key, value),
      own: (facts) => this.own.of(facts),
      more: ({ key, unit }, limits) =>
        this.recordings.sparkOf(key, unit, limits?.source.limit, WORTH_DRAWING),
    });
    this.numbers = options.numbers.of(options.id, (from, to) => {
      this.machine.moved(from, to);
      this.delivery.renumber(from, to);
    });
    this.machine = new AlertMachine({
      ...{ numbers: this.numbers, dependencies: options.dependencies, rules },
      limits: config.limits,
      clock,
      words: this.texts,
      newId: options.newId,
      unitOf: (key) => options.names?.unitOf(key) ?? '',
      turned: (events, urgent) => this.turned(events, urgent),
      forgotten: (key) => {
        this.recordings.forget(key);
        options.forgotten?.(key);
      },
    });
    this.commands = new AlertCommands({
      machine: this.machine,
      name,
      translate,
      read: options.read,
      words: this.texts,
      chatControl: config.chatControl,
      limitsElsewhere: config.lookups.length > 0,
      now: () => clock.now(),
      recorded: () => this.recordings.keys(),
      forgetDevice: (id) => this.devices?.forget(id) ?? false,
    });
    this.recordings = new AlertHistory({
      ...{ config, clock, translate, machine: this.machine, texts: this.texts },
      store: options.historyStore,
    });
    this.delivery = new AlertDelivery({
      clock,
      confirm: config.confirm,
      leadsToChat: () => options.leadsToChat?.() ?? false,
      before: options.predecessor?.undelivered,
      newId: options.newId,
      message: (event, again) =>
        this.withAttachment(event, alertMessage(event, name, this.recordings.spark, again)),
      escalation: (event, message) => escalationOf(event, message, config.escalateTo, options.newId),
      send: options.send,
      changed: () => this.writeUndelivered(),
      tooMany: () => options.tooManyUndelivered?.(),
    });
  }

  /** Takes over the stored states, and handles everything that fell due meanwhile. */
  start(): void {
    const { store, clock } = this.options;
    const kept = store?.load();
    if (kept) {
      this.commands.adoptOverride(kept.node.override);
      this.delivery.restore(kept.undelivered ?? []);
      restore(this.machine, kept, clock.now());
    }
    store?.begin(() => this.whole());
    this.noteKeyBy();
    if (store) this.stopCheckpoints = keepNoDataCheckpoints(this.machine, clock, () => this.writeLater());
    this.recordings.load();
    this.dropStrangers();
  }

  /** Keys of checks in a node that watches values, or of other checks, are of an earlier setting: nothing ends them. */
  private dropStrangers(): void {
    const { machine, config } = this;
    const strange = [...machine.keys.map.values()].filter(({ subject, parent }) => {
      if (subject) return config.devices?.checks.includes(subject.check) !== true;
      return config.devices !== undefined && !parent;
    });
    if (strange.length > 0) machine.checks.forgetKeys(strange);
  }

  /** Keys of another making are not shown as if a value could still come for them. */
  private noteKeyBy(): void {
    const { store, clock, config } = this.options;
    const { machine } = this;
    const by = JSON.stringify(config.keyBy);
    if (!store || !config.showInHomeAssistant || machine.keyed?.by === by) return;
    const at = clock.now();
    machine.keyed = { by, since: machine.keyed ? at : 0 };
    store.append([{ at, node: nodeRecord(machine, this.commands.override) }]);
  }

  /** The flow runs: events held until now are sent. */
  started(): void {
    this.numbers.begun();
    this.options.dependencies?.started();
    this.delivery.started();
  }

  /**
   * Takes a valid sample. Returns undefined if there is no room for its key.
   * @param measured as `AlertMachine.sample` takes it
   * @param attachment goes on with a message that rings because of this sample
   */
  sample(
    { key, limits }: SampleMessage,
    value: Value,
    unit: string,
    measured: number | undefined,
    attachment?: unknown,
  ): KeyEntry | undefined {
    const { machine } = this;
    this.attached = attachment === undefined ? undefined : { key, attachment };
    const keys = machine.keys.map.size;
    // Comes first, because the message about it draws it.
    this.recordings.record(key, value, measured);
    this.own.begin();
    const entry = machine.sample(key, value, unit, limits ?? machine.limits, measured);
    this.attached = undefined;
    if (machine.keys.map.size !== keys) this.options.changed();
    this.options.sampled?.();
    return entry;
  }

  /** A message that rings about the sample that is being taken has its attachment. */
  private withAttachment(event: AlertEvent, message: Message): Message {
    const { attached } = this;
    const isAbout = attached?.key === event.key && event.replaces === undefined && !event.alerts;
    return isAbout ? { ...message, attachment: attached?.attachment } : message;
  }

  /** The node's configuration. */
  get config(): AlertConfig {
    return this.options.config;
  }

  /**
   * Sends a sample alert, past everything that holds messages back. It changes neither state nor history, and stands
   * for no alert (it has no `msg.alertId`).
   * @param key the alert's key; by default one that was seen
   * @returns its text
   */
  test(key?: string): string {
    const { machine } = this;
    const { config, clock, translate, newId } = this.options;
    if (config.devices) return this.sendTest(testCheck(translate, newId, clock.now()), undefined);
    const { condition } = config.rules;
    const [first = ''] = machine.keys.map.keys();
    const about = config.keyBy.from === 'none' ? '' : (key ?? first);
    const entry = machine.keys.map.get(about);
    const limits = entry?.limits ?? machine.limits;
    const now = clock.now();
    const event: AlertEvent = {
      reason: condition === 'nodata' ? 'nodata' : 'raised',
      id: `test-${newId()}`,
      number: 0,
      key: about,
      state: condition === 'nodata' ? 'nodata' : 'firing',
      previous: 'normal',
      severity: 'warning',
      value: testValue(condition, limits),
      unit: entry?.unit || config.unit || (this.options.names?.unitOf(about) ?? ''),
      limit: limits?.source.limit,
      since: now,
      at: now,
      acked: undefined,
      replaces: undefined,
      text: [],
    };
    return this.sendTest(event, limits);
  }

  private sendTest(event: AlertEvent, limits: Limits | undefined): string {
    const { translate, name, send } = this.options;
    const text = translate('text.test', { text: showText(this.texts.line(event, limits).text) });
    event.text = [text];
    const { alertId: _, ...message } = alertMessage(event, name, this.recordings.spark);
    send([{ ...message, payload: { ...(message.payload as object), test: true } }]);
    return text;
  }

  /** The messages of an answer, for output 3. */
  answers(answer: CommandAnswer, asked: Message): Message[] {
    const { chart } = answer;
    if (!chart) return [answerMessage(answer, asked)];
    return chart.map((key) => {
      const line = this.recordings.sparkOfKey(key);
      const text = line === '' ? this.options.translate('answer.noHistory') : line;
      const message = answerMessage(answer, asked, `${this.texts.nameOf(key)}\n${text}`);
      if (line === '') return { ...message, key };
      const data = this.recordings.query({ key: key || undefined, format: 'png' });
      return { ...message, key, attachment: { data, name: pictureName(key), type: 'image/png' } };
    });
  }

  /**
   * Takes a calendar whose days count as Sunday, in place of the one before.
   * @param ics an iCalendar text; null: none
   * @throws CalendarError, and nothing is changed
   */
  takeHolidays(ics: string | null): CommandAnswer {
    const { clock, translate, store } = this.options;
    const now = clock.now();
    const today = dayOfText(this.texts.date(now));
    const read = ics === null ? NO_HOLIDAYS : readCalendarDays(ics, today);
    store?.append([{ at: now, holidays: read.days }]);
    this.machine.setHolidays(read.days);
    return { ok: true, cmd: 'holidays', text: holidayText(read, translate) };
  }

  /** Writes everything to disk and stops; `comesBack`: a deploy makes the node again. */
  async close(comesBack: boolean): Promise<void> {
    this.devices?.close(comesBack);
    this.machine.turn(() => undefined);
    this.machine.close();
    this.options.dependencies?.close(comesBack);
    this.numbers.close(comesBack);
    this.stopLater?.();
    this.delivery.close();
    this.stopCheckpoints?.();
    this.options.store?.close();
    await this.recordings.close();
  }

  private turned(events: AlertEvent[], urgent: boolean): void {
    this.delivery.note(events);
    // The disk comes first, then people.
    if (urgent) this.write();
    else this.writeLater();
    this.delivery.emit(events);
    this.options.changed();
  }

  private writeLater(): void {
    if (!this.options.store) {
      this.machine.takeChanges();
      return;
    }
    this.stopLater ??= this.options.clock.after(LATER, () => {
      this.stopLater = undefined;
      this.write();
    });
  }

  private write(): void {
    const { store, clock } = this.options;
    const { keys, node } = this.machine.takeChanges();
    const at = clock.now();
    const past = this.machine.past.takeAdded().map((one): AlertRecord => ({ at, past: one }));
    for (const key of keys) this.recordings.noteAlert(key, at);
    if (!store) {
      this.undeliveredRecords(at);
      return;
    }
    const records: AlertRecord[] = [];
    for (const key of keys) {
      const entry = this.machine.keys.map.get(key);
      const isKept = entry && isWorthKeeping(entry, this.machine.rules, at);
      records.push(
        isKept ? { at, key: keyRecord(entry, this.machine.noData.lengthOf(entry)) } : { at, gone: key },
      );
    }
    if (node) records.push({ at, node: nodeRecord(this.machine, this.commands.override) });
    store.append([...records, ...past, ...this.undeliveredRecords(at)]);
  }

  private writeUndelivered(): void {
    const records = this.undeliveredRecords(this.options.clock.now());
    this.options.store?.append(records);
  }

  private undeliveredRecords(at: number): AlertRecord[] {
    const { undelivered } = this.delivery;
    return undelivered.takeChanges().map((alertId) => {
      const record = undelivered.record(alertId);
      return record ? { at, untold: record } : { at, told: alertId };
    });
  }

  private whole(): Snapshot {
    const { undelivered } = this.delivery;
    // The new file already has the changed keys.
    undelivered.takeChanges();
    this.machine.past.takeAdded();
    return {
      ...snapshot(this.machine, this.commands.override, this.options.clock.now()),
      undelivered: undelivered.records(),
    };
  }
}
