import { showText } from '../../alert/alert-text';
import type { Command } from '../../alert/commands';
import type { KeyEntry } from '../../alert/keys';
import { type LimitField, limitFields } from '../../alert/rules';
import { DEFAULT_SILENCE } from '../../alert/silence-parser';
import { text, words } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { oneLine, plain } from '../../base/printable';
import type { Text } from '../../base/text';
import { DAY } from '../../base/time-units';
import type { ReadText } from '../../base/translate';
import {
  alertEntities,
  keyState,
  type LimitRange,
  limitRange,
  numberWithin,
  type ShownAlert,
} from '../../homeassistant/announcing/alert-entities';
import type { Announcer } from '../../runtime/homeassistant/announcer';
import type { ShownNode } from '../../runtime/homeassistant/announcer-types';
import type { AlertEngine } from './alert-engine';

export interface ShownAlertOptions {
  engine: AlertEngine;
  announcer: Pick<Announcer, 'open'>;
  /** Id of the node. */
  id: string;
  name: string;
  clock: Clock;
  read: ReadText;
  warn(said: Text): void;
}

/** Most keys of a node that are shown. */
const MAX_KEYS = 100;
/** Milliseconds after which a change of state is shown, and a value. */
const SOON = 50;
const PACE = 2_000;
/** Milliseconds after which a limit beyond the bounds that stood there before is taken for certain. */
const BOUNDS = 2_000;
/** Milliseconds between two looks for keys that were not heard of for long. */
const LOOK = 600_000;
const MAX_TEXT = 1_000;
const BY = 'Home Assistant';

/** One `dinox-alert` in Home Assistant: its keys with their states, and the commands that come from there. */
export class AlertShown {
  private readonly node: ShownNode;
  /** What is announced, to compare. */
  private announced = '';
  private bounds = '';
  /** From when on the present limits lie within the bounds that are known there, by the steady clock. */
  private limitsFrom = 0;
  private isOpen = true;
  private due: { at: number; stop(): void } | undefined;
  private stopLooking: (() => void) | undefined;
  private hasWarned = false;

  constructor(private readonly options: ShownAlertOptions) {
    const { announcer, engine, id } = options;
    this.node = announcer.open(id, (key, part, payload) => this.command(key, part, payload));
    // Keys of yesterday are known once yesterday has been read.
    const { loading } = engine.recordings;
    if (loading) void loading.then(() => this.changed());
    else this.changed();
    this.look();
  }

  /** A state, a limit or a silence changed. */
  changed(): void {
    if (!this.options.engine.recordings.loading) this.updateIn(SOON);
  }

  /** A value came: many may come in a second. */
  sampled(): void {
    if (!this.options.engine.recordings.loading) this.updateIn(PACE);
  }

  close(): void {
    this.isOpen = false;
    this.due?.stop();
    this.stopLooking?.();
    this.node.close();
  }

  private look(): void {
    this.stopLooking = this.options.clock.after(LOOK, () => {
      this.changed();
      this.look();
    });
  }

  private updateIn(ms: number): void {
    const { clock } = this.options;
    const at = clock.steady() + ms;
    if (!this.isOpen || (this.due && this.due.at <= at)) return;
    this.due?.stop();
    const stop = clock.after(ms, () => {
      this.due = undefined;
      if (this.isOpen) this.update();
    });
    this.due = { at, stop };
  }

  private update(): void {
    const shown = this.asShown();
    const { keys, limits } = shown;
    const announced = JSON.stringify([[...keys], [...limits]]);
    if (announced !== this.announced) {
      this.announced = announced;
      this.node.show(alertEntities(shown));
      const bounds = JSON.stringify([...limits]);
      if (this.bounds !== '' && this.bounds !== bounds) {
        this.limitsFrom = this.options.clock.steady() + BOUNDS;
        this.updateIn(BOUNDS);
      }
      this.bounds = bounds;
    }
    for (const key of keys.keys()) this.node.state(key, 'state', this.stateOf(key));
    if (limits.size > 0 && this.options.clock.steady() >= this.limitsFrom)
      this.node.state('', 'limits', { ...this.options.engine.machine.limits?.source });
  }

  private asShown(): ShownAlert {
    const { engine, name, read } = this.options;
    const { recordings, config } = engine;
    const { condition } = config.rules;
    return {
      name,
      keys: this.keys(),
      isNumeric: recordings.isNumeric,
      isRate: condition === 'rate',
      limits: this.limits(),
      unit: config.unit,
      read,
    };
  }

  /** Keys that were heard of within the time of the history, as they are made now, with their units. */
  private keys(): Map<string, string> {
    const { engine, clock, name } = this.options;
    const { machine, recordings, config } = engine;
    const keys = new Map<string, string>();
    const oldest = clock.now() - Math.max(DAY, config.history);
    const isOne = config.keyBy.from === 'none';
    const since = machine.keyed?.since ?? 0;
    const isHeard = (key: string, otherwise: number): boolean =>
      since === 0 || (recordings.latest(key)?.at ?? otherwise) > since;
    let isFull = false;
    const add = (key: string, unit: string): void => {
      if ((key === '') !== isOne) return;
      if (keys.size < MAX_KEYS) keys.set(key, unit);
      else isFull ||= !keys.has(key);
    };
    for (const entry of machine.keys.map.values()) {
      if (isFull) break;
      const isLong = entry.lastSeen < oldest && !entry.active && entry.state === 'normal';
      if (!isLong && (entry.active || isHeard(entry.key, entry.lastSeen)))
        add(entry.key, entry.unit || config.unit);
    }
    for (const key of recordings.keys()) {
      if (isFull) break;
      if (!machine.keys.map.has(key) && isHeard(key, 0)) add(key, config.unit);
    }
    if (isFull && !this.hasWarned) {
      this.hasWarned = true;
      this.options.warn(text('shown.keys', { name, most: MAX_KEYS }));
    }
    return keys;
  }

  /** Limits that a command can set. */
  private limits(): Map<LimitField, LimitRange> {
    const { config, machine, recordings } = this.options.engine;
    const limits = new Map<LimitField, LimitRange>();
    const { source } = machine.limits ?? {};
    if (config.lookups.length > 0 || !source || !recordings.isNumeric) return limits;
    for (const field of limitFields(config.rules.condition)) {
      const value = Number(source[field] ?? Number.NaN);
      if (!Number.isFinite(value)) continue;
      const own = Number(config.limits?.source[field] ?? Number.NaN);
      const range = limitRange(Number.isFinite(own) ? own : value, config.unit);
      // A limit that was set by hand may lie beyond.
      limits.set(field, { ...range, min: Math.min(range.min, value), max: Math.max(range.max, value) });
    }
    return limits;
  }

  private stateOf(key: string): object {
    const { engine, clock } = this.options;
    const { machine, recordings } = engine;
    const entry = machine.keys.map.get(key);
    const silence = machine.silences.of(key, clock.now());
    const last = entry ? undefined : recordings.latest(key);
    const value = entry ? entry.value : last?.value;
    return keyState({
      isAlarm: entry?.episode !== undefined,
      value: recordings.isNumeric && typeof value !== 'number' ? undefined : value,
      since: entry?.since ?? last?.at ?? clock.now(),
      silence: silence && { until: silence.until, by: oneLine(silence.by) },
      attributes: attributesOf(key, entry),
    });
  }

  private command(key: string, part: string, payload: string): void {
    const command = this.commandOf(key, part, payload);
    if (!command) return;
    const { ok, text: said } = this.options.engine.commands.command(command, { by: BY });
    if (!ok)
      this.options.warn(text('shown.refused', { what: plain(this.nameOf(key), 200), reason: words(said) }));
  }

  private commandOf(key: string, part: string, payload: string): Command | undefined {
    if (part === 'ack') return payload === 'PRESS' ? { cmd: 'ack', which: this.which(key) } : undefined;
    if (part === 'silence') {
      if (payload === 'ON') return { cmd: 'silence', which: this.which(key), ms: DEFAULT_SILENCE };
      return payload === 'OFF' ? { cmd: 'unsilence', which: this.which(key) } : undefined;
    }
    for (const [field, range] of this.limits()) {
      if (field !== part) continue;
      const value = numberWithin(payload, range);
      if (value !== undefined) return { cmd: 'set', field, value };
      const { min, max } = range;
      const what = `${this.options.name} ${field}`;
      this.options.warn(text('shown.refusedValue', { given: plain(payload, 40), what, low: min, high: max }));
    }
    return undefined;
  }

  /** A key that is not in the machine must not be taken for a part of others. */
  private which(key: string): { key: string } | { id: string } {
    return this.options.engine.machine.keys.map.has(key) ? { key } : { id: key };
  }

  private nameOf(key: string): string {
    return key === '' ? this.options.name : `${this.options.name} ${key}`;
  }
}

function attributesOf(
  key: string,
  entry: KeyEntry | undefined,
): Readonly<Record<string, string | number | boolean | null>> {
  const { episode, notified } = entry ?? {};
  const acked = episode?.acked;
  return {
    key,
    alert_state: entry?.state ?? 'normal',
    severity: episode?.severity ?? null,
    number: episode?.number ?? null,
    open_since: episode ? new Date(episode.startedAt).toISOString() : null,
    acknowledged_by: acked?.by ?? null,
    acknowledged_at: acked ? new Date(acked.at).toISOString() : null,
    text: notified && !notified.ended ? showText(notified.text).slice(0, MAX_TEXT) : null,
    flapping: entry?.flapping ?? false,
  };
}
