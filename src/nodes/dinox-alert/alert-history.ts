import type { KeyFacts } from '../../alert/key-facts';
import type { Limits } from '../../alert/limits';
import type { AlertMachine } from '../../alert/machine';
import { type MessageTexts, showDuration } from '../../alert/message-texts';
import { type AlertRow, alertRows, type PastRow, pastRows } from '../../alert/past-alerts';
import { recordSample } from '../../alert/record-sample';
import { TEXT_CONDITIONS } from '../../alert/rules';
import type { Value } from '../../alert/states';
import type { SteadyClock } from '../../alert/steady-clock';
import { type ValueZone, valueZones } from '../../alert/value-zones';
import { factsOf, type WatchedKeys, watchedKeys } from '../../alert/watched-keys';
import type { Translate } from '../../base/translate';
import { type FigureWords, type SparklineOptions, sparkline } from '../../history/charts/sparkline';
import { stateLine } from '../../history/charts/state-line';
import type { StateWords } from '../../history/charts/state-spans';
import type { HistoryAnswer } from '../../history/formats/answer';
import { History } from '../../history/history';
import { type HistoryQuery, queryHistory } from '../../history/query';
import type { HistoryLooks, RecordedKey } from '../../history/recorded';
import type { HistoryStore } from '../../history/store/history-store';
import type { Latest } from '../../history/types';
import type { AlertRecordings } from '../../runtime/alert-recordings';
import type { AlertConfig } from './config';
import { fieldIn } from './topic-names';

const SPARK_CHARACTERS = 24;
/** States in a number's history: during an alert, and otherwise. */
const ALERT = 'alert';
const NO_ALERT = 'normal';
/** Key in the history of a node that has one key for all. */
export const ONE_KEY = '*';

export interface AlertHistoryOptions {
  config: AlertConfig;
  clock: SteadyClock;
  translate: Translate;
  machine: AlertMachine;
  texts: MessageTexts;
  /** Makes the store; undefined: the history is not kept. */
  store: ((history: History) => HistoryStore) | undefined;
}

/** The values that a `dinox-alert` has seen, its alerts, and how both are shown. */
export class AlertHistory implements AlertRecordings {
  readonly history: History | undefined;
  loading: Promise<void> | undefined;
  private readonly store: HistoryStore | undefined;
  private readonly pictureWords: FigureWords & StateWords;

  constructor(private readonly options: AlertHistoryOptions) {
    const { config, clock, translate, machine } = options;
    this.pictureWords = {
      min: translate('spark.min'),
      max: translate('spark.max'),
      limit: translate('spark.limit'),
      other: translate('spark.other'),
      duration: (ms) => showDuration(ms, translate),
    };
    this.history =
      config.history > 0
        ? new History({
            span: config.history,
            maxKeys: config.rules.maxKeys,
            keep: (key) => machine.keys.map.get(key === ONE_KEY ? '' : key)?.active === true,
            clock,
          })
        : undefined;
    this.store = this.history && options.store?.(this.history);
  }

  load(): void {
    this.loading = this.store?.load().then(() => {
      this.loading = undefined;
      // An alert may have ended while no process ran, or while the history was read.
      for (const key of [...this.keys()]) this.noteAlert(key, this.options.clock.now());
    });
  }

  /** @param measured as `AlertMachine.sample` takes it */
  record(key: string, value: Value, measured: number | undefined): void {
    if (this.history) recordSample(this.history, key || ONE_KEY, value, this.options.clock.now(), measured);
  }

  forget(key: string): void {
    this.history?.delete(key || ONE_KEY);
  }

  /** Keys as the machine calls them, including those without a sample since the start. */
  *keys(): Iterable<string> {
    for (const key of this.history?.keys() ?? []) yield key === ONE_KEY ? '' : key;
  }

  /** The newest recorded value of a key. */
  latest(key: string): Latest | undefined {
    return this.history?.latest(key || ONE_KEY);
  }

  about(key: string): RecordedKey {
    const { config, texts } = this.options;
    const { source } = this.limitsOf(key) ?? {};
    const isDrawn = config.rules.condition !== 'rate' && typeof source?.limit === 'number';
    const title = texts.nameOf(key);
    const looks: HistoryLooks = {
      title,
      unit: this.unitOf(key) || undefined,
      words: this.wordsOf(key),
      timeZone: config.timeZone || undefined,
      ...(this.isNumeric && { alertState: ALERT }),
      ...(isDrawn && { limit: Number(source?.limit) }),
      ...(isDrawn && source?.limit2 !== undefined && { limit2: source.limit2 }),
    };
    return { key: key || ONE_KEY, topic: key || title, looks };
  }

  alerts(from: number, to: number): AlertRow[] {
    const { machine, texts } = this.options;
    return alertRows(machine.active, machine.past, texts, from, to);
  }

  past(): PastRow[] {
    const { machine } = this.options;
    return pastRows(machine.active, machine.past);
  }

  current(key: string): number | undefined {
    const value = this.options.machine.keys.map.get(key === ONE_KEY ? '' : key)?.value;
    if (value !== undefined) return typeof value === 'number' ? value : undefined;
    // After a restart. The newest of the history may be the beginning of an alert.
    const now = this.options.clock.now();
    return this.history?.series(key, now - this.options.config.history, now, 1).last[0] ?? undefined;
  }

  zones(key: string, field?: string): ValueZone[] {
    const { property, rules } = this.options.config;
    const read = property.from === 'path' ? property.path.slice(1).join('.') : '';
    if (field !== undefined && field !== read) return [];
    return valueZones(rules.condition, this.limitsOf(key === ONE_KEY ? '' : key));
  }

  get field(): string | undefined {
    return fieldIn(this.options.config) || undefined;
  }

  facts(key: string): KeyFacts | undefined {
    const { machine, texts } = this.options;
    const entry = machine.keys.map.get(key);
    return entry && factsOf(machine, texts, entry);
  }

  watched(most: number): WatchedKeys {
    const { machine, texts, clock } = this.options;
    return watchedKeys(machine, texts, clock.now(), most);
  }

  /** Answers the command `history`. @throws HistoryError */
  query(query: HistoryQuery): HistoryAnswer | undefined {
    const { clock, config } = this.options;
    const wanted = query.key === undefined && config.keyBy.from === 'none' ? '' : query.key;
    const { looks, topic } = this.about(String(wanted ?? ''));
    const key = wanted === '' ? ONE_KEY : wanted;
    return this.history && queryHistory(this.history, { ...query, key }, clock.now(), looks, topic);
  }

  /** Bars without figures. */
  readonly spark = (key: string): string => this.line(key, { figures: false });

  /** Bars with figures, and the limit if it is on the scale of the drawn values; empty for fewer than `least` values. */
  sparkOf(key: string, unit: string, limit: Value | undefined, least = 0): string {
    if (least > 0 && this.countOf(key, least) < least) return '';
    const isDrawn = typeof limit === 'number' && this.options.config.rules.condition !== 'rate';
    return this.line(key, { limit: isDrawn ? limit : undefined, unit });
  }

  /** The same with the key's own unit and limit. */
  sparkOfKey(key: string): string {
    return this.sparkOf(key, this.unitOf(key), this.limitsOf(key)?.source.limit);
  }

  /** Records whether there is an alert, because pictures of the value show it. */
  noteAlert(key: string, now: number): void {
    if (!this.history || !this.isNumeric) return;
    const known = this.history.states(key || ONE_KEY, now, now).at(-1)?.state ?? NO_ALERT;
    const episode = this.options.machine.keys.map.get(key)?.episode;
    if (episode && known !== ALERT) this.history.recordText(key || ONE_KEY, episode.startedAt, ALERT);
    else if (!episode && known === ALERT) this.history.recordText(key || ONE_KEY, now, NO_ALERT);
  }

  async close(): Promise<void> {
    await this.store?.close();
  }

  /** Values of a number, or changes of a state, up to `most`. */
  private countOf(key: string, most: number): number {
    const { history } = this;
    const known = key || ONE_KEY;
    const to = this.options.clock.now();
    const from = to - this.options.config.history;
    if (!history?.has(known)) return 0;
    // A state is worth drawing from its first change on.
    if (!this.isNumeric) return history.states(known, from, to).length > 1 ? most : 0;
    // The newest one came just now.
    return history.samples(known, from, to + 1).length;
  }

  /** Bars for numbers, a timeline for states; empty if nothing is known. */
  private line(key: string, options: Pick<SparklineOptions, 'figures' | 'limit' | 'unit'>): string {
    const { history } = this;
    const known = key || ONE_KEY;
    if (!history?.has(known)) return '';
    const to = this.options.clock.now();
    const from = to - this.options.config.history;
    const looks = { width: SPARK_CHARACTERS, words: this.wordsOf(key), ...options };
    const bars = sparkline(history.drawn(known, from, to, SPARK_CHARACTERS), looks);
    if (bars !== '' || this.isNumeric) return bars;
    const states = history.states(known, from, to);
    // A line of the whole day would be one shade for all that happened in the minutes since the first value.
    const begin = Math.max(from, Math.min(states[0]?.at ?? from, to - 1));
    return stateLine({ from: begin, to, states }, looks);
  }

  /** A door is *open*, and not `true`. */
  private wordsOf(key: string): FigureWords & StateWords {
    return { ...this.pictureWords, state: (state) => this.options.texts.stateText(key, state) };
  }

  /** The key's limits; the node's own for a key without a sample since the start. */
  private limitsOf(key: string): Limits | undefined {
    const { machine } = this.options;
    return machine.keys.map.get(key)?.limits ?? machine.limits;
  }

  private unitOf(key: string): string {
    const { machine, config } = this.options;
    return machine.keys.map.get(key)?.unit || config.unit;
  }

  /** Values are numbers. */
  get isNumeric(): boolean {
    const { condition } = this.options.config.rules;
    return !TEXT_CONDITIONS.includes(condition) && condition !== 'nodata';
  }
}
