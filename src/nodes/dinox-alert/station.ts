import type { SteadyClock } from '../../alert/clock';
import { AlertDesk, type Answer } from '../../alert/desk';
import { History } from '../../alert/history/history';
import type { HistoryStore } from '../../alert/history/history-store';
import {
  type HistoryAnswer,
  type HistoryLooks,
  type HistoryQuery,
  queryHistory,
} from '../../alert/history/query';
import { sparkline } from '../../alert/history/sparkline';
import type { KeyEntry } from '../../alert/keys';
import { AlertMachine } from '../../alert/machine';
import {
  isWorthKeeping,
  keyRecord,
  nodeRecord,
  restore,
  type Snapshot,
  snapshot,
} from '../../alert/snapshot';
import type { AlertEvent, Value } from '../../alert/states';
import { ChatWords, type Say } from '../../alert/words';
import type { AlertRecord, AlertStore } from '../../runtime/alert-store';
import type { AlertConfig } from './config';
import type { Found, Message } from './evaluate';
import { answerMessage, eventMessage } from './messages';
import { sampleValue } from './sample-alert';

/** What may wait a little is written that much later, in milliseconds. */
const LATER = 5_000;
const SPARK_CHARACTERS = 24;
/** In the history, where there is one key for all. */
export const ONE_KEY = '*';

export interface StationOptions {
  config: AlertConfig;
  clock: SteadyClock;
  say: Say;
  /** Stands for the key where there is one for all. */
  name: string;
  newId(): string;
  /** Where states are kept; undefined: nowhere. */
  store: AlertStore | undefined;
  /** Makes the store of the history; undefined: it is kept nowhere. */
  historyStore: ((history: History) => HistoryStore) | undefined;
  /** Messages for output 1. */
  send(messages: Message[]): void;
  /** Something changed that the status shows. */
  changed(): void;
}

/** Everything behind a `dinox-alert` but Node-RED: machine, desk, history, and what is kept of them. */
export class Station {
  readonly machine: AlertMachine;
  readonly desk: AlertDesk;
  readonly history: History | undefined;
  private readonly historyStore: HistoryStore | undefined;
  private readonly words: ChatWords;
  private stopLater: (() => void) | undefined;
  /** Events from before the flow runs. */
  private held: AlertEvent[] | undefined = [];

  constructor(private readonly options: StationOptions) {
    const { config, clock, say, name } = options;
    const { rules } = config;
    this.words = new ChatWords(rules, say, {
      timeZone: config.timeZone,
      name,
      more: ({ key, unit }, limits) => this.sparkOf(key, unit, limits?.source.limit),
    });
    this.machine = new AlertMachine({
      rules,
      limits: config.limits,
      clock,
      words: this.words,
      newId: options.newId,
      turned: (events, urgent) => this.turned(events, urgent),
      forgotten: (key) => this.history?.delete(key || ONE_KEY),
    });
    this.desk = new AlertDesk({
      machine: this.machine,
      say,
      words: this.words,
      chatControl: config.chatControl,
      limitsElsewhere: config.lookups.length > 0,
      now: () => clock.now(),
    });
    this.history =
      config.history > 0
        ? new History({
            span: config.history,
            maxKeys: rules.maxKeys,
            keep: (key) => this.machine.keys.map.get(key === ONE_KEY ? '' : key)?.active === true,
            clock,
          })
        : undefined;
    this.historyStore = this.history && options.historyStore?.(this.history);
  }

  /** Takes over what was kept, and deals with what fell due meanwhile. */
  start(): void {
    const { store, clock } = this.options;
    const kept = store?.load();
    if (kept) {
      this.desk.adoptOverride(kept.node.override);
      restore(this.machine, kept, clock.now());
    }
    store?.replace(this.whole());
    void this.historyStore?.load();
  }

  /** The flow runs: what came before is told now. */
  started(): void {
    const events = this.held ?? [];
    this.held = undefined;
    if (events.length > 0) this.emit(events);
  }

  /** A valid sample; undefined where there is no room for its key. */
  sample({ key, limits }: Found, value: Value, unit: string, at: number): KeyEntry | undefined {
    const { machine } = this;
    const keys = machine.keys.map.size;
    // First: the message about it draws it.
    this.record(key, at, value);
    const entry = machine.sample(key, value, unit, limits ?? machine.limits);
    if (machine.keys.map.size !== keys) this.options.changed();
    return entry;
  }

  /** What the node goes by. */
  get config(): AlertConfig {
    return this.options.config;
  }

  /**
   * Sends a sample alert, past everything that holds messages back; no state and no history knows of it, and it stands
   * for no alert (it has no `msg.alertId`).
   * @param key the one that it is about; by default one that was seen
   * @returns its text
   */
  test(key?: string): string {
    const { machine, words } = this;
    const { config, clock, say, name, newId, send } = this.options;
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
      value: sampleValue(condition, limits),
      unit: entry?.unit || config.unit,
      limit: limits?.source.limit,
      since: now,
      at: now,
      acked: undefined,
      replaces: undefined,
      text: '',
    };
    event.text = say('text.test', { text: words.line(event, limits) });
    const { alertId: _, ...message } = eventMessage(event, name, this.spark);
    send([{ ...message, payload: { ...(message.payload as object), test: true } }]);
    return event.text;
  }

  /** Answers on output 3. */
  answers(answer: Answer, asked: Message): Message[] {
    const { chart } = answer;
    if (!chart) return [answerMessage(answer, asked)];
    return chart.map((key) => {
      const entry = this.machine.keys.map.get(key);
      const line = this.sparkOf(key, entry?.unit ?? '', entry?.limits?.source.limit);
      const text = line === '' ? this.options.say('answer.noHistory') : line;
      const message = answerMessage(answer, asked, `${this.words.nameOf(key)}\n${text}`);
      if (line === '') return { ...message, key };
      const data = this.query({ key: key || undefined, format: 'png' });
      return { ...message, key, attachment: { data, name: 'chart.png', type: 'image/png' } };
    });
  }

  /** The command `history`. @throws HistoryQueryError */
  query(query: HistoryQuery): HistoryAnswer | undefined {
    const { clock, config, say } = this.options;
    const wanted = query.key === undefined && this.options.config.keyBy.from === 'none' ? '' : query.key;
    const entry = this.machine.keys.map.get(String(wanted ?? ''));
    const { source } = entry?.limits ?? {};
    const isDrawn = config.rules.condition !== 'rate' && typeof source?.limit === 'number';
    const looks: HistoryLooks = {
      title: this.words.nameOf(String(wanted ?? '')),
      unit: entry?.unit || undefined,
      words: { min: say('spark.min'), max: say('spark.max'), limit: say('spark.limit') },
      timeZone: config.timeZone || undefined,
      ...(isDrawn && { limit: Number(source?.limit) }),
      ...(isDrawn && source?.limit2 !== undefined && { limit2: source.limit2 }),
    };
    const key = wanted === '' ? ONE_KEY : wanted;
    return this.history && queryHistory(this.history, { ...query, key }, clock.now(), looks);
  }

  /** Writes all down, and stops. */
  async close(): Promise<void> {
    this.machine.turn(() => undefined);
    this.machine.close();
    this.stopLater?.();
    this.options.store?.replace(this.whole());
    this.options.store?.close();
    await this.historyStore?.close();
  }

  /** The bars alone. */
  readonly spark = (key: string): string => {
    const series = this.series(key);
    return series ? sparkline(series, { width: SPARK_CHARACTERS, figures: false }) : '';
  };

  private sparkOf(key: string, unit: string, limit: Value | undefined): string {
    const series = this.series(key);
    if (!series) return '';
    const { say, config } = this.options;
    // The limit of a rate is none of the value that is drawn.
    const shown = typeof limit === 'number' && config.rules.condition !== 'rate' ? limit : undefined;
    const words = { min: say('spark.min'), max: say('spark.max'), limit: say('spark.limit') };
    return sparkline(series, { width: SPARK_CHARACTERS, limit: shown, unit, words });
  }

  private series(key: string): ReturnType<History['series']> | undefined {
    if (!this.history?.has(key || ONE_KEY)) return undefined;
    const now = this.options.clock.now();
    return this.history.series(key || ONE_KEY, now - this.options.config.history, now, SPARK_CHARACTERS);
  }

  private record(key: string, at: number, value: Value): void {
    if (typeof value === 'number') this.history?.record(key || ONE_KEY, at, value);
    else this.history?.recordText(key || ONE_KEY, at, String(value));
  }

  private turned(events: AlertEvent[], urgent: boolean): void {
    // First on the disk, then to people.
    if (urgent) this.write();
    else this.writeLater();
    if (events.length > 0) this.emit(events);
    this.options.changed();
  }

  private emit(events: AlertEvent[]): void {
    if (this.held) {
      this.held.push(...events);
      return;
    }
    this.options.send(events.map((event) => eventMessage(event, this.options.name, this.spark)));
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
    if (!store) return;
    const at = clock.now();
    const records: AlertRecord[] = [];
    for (const key of keys) {
      const entry = this.machine.keys.map.get(key);
      const isKept = entry && isWorthKeeping(entry, this.machine.rules, at);
      records.push(isKept ? { at, key: keyRecord(entry) } : { at, gone: key });
    }
    if (node) records.push({ at, node: nodeRecord(this.machine, this.desk.override) });
    store.append(records, () => this.whole());
  }

  private whole(): Snapshot {
    return snapshot(this.machine, this.desk.override, this.options.clock.now());
  }
}
