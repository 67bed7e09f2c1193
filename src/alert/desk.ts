import { type Command, type CommandError, HARMLESS, type Which } from './commands';
import type { KeyEntry } from './keys';
import type { AlertMachine } from './machine';
import { isSameSource, type LimitField, LimitsError, limitFields, readLimit, readyLimits } from './rules';
import { matchesFilter } from './silences';
import type { Override } from './snapshot';
import type { Acknowledgement, Severity, State, Value } from './states';
import type { ChatWords, Say } from './words';
import { showDuration, showValue } from './words';

/** A key as the sidebar and answers show it. */
export interface AlertView {
  key: string;
  state: State;
  /** Since when, in milliseconds since the epoch. */
  since: number;
  value: Value | undefined;
  unit: string;
  limit: Value | undefined;
  /** Of the open alert. */
  id?: string;
  number?: number;
  severity?: Severity;
  startedAt?: number;
  acked?: Acknowledgement;
  /** Until when, in milliseconds since the epoch. */
  silencedUntil?: number;
  flapping: boolean;
}

export interface Answer {
  ok: boolean;
  cmd: string;
  /** Ready for a chat. */
  text: string;
  alerts?: AlertView[];
  /** A picture is wanted of these keys. */
  chart?: string[];
}

/** Who asks, and how. */
export interface Asker {
  /** A name for people. */
  by: string;
  /** Over a chat: only harmless commands, unless the node allows more. */
  chat?: boolean;
  /** The alert (or group) whose message was answered. */
  alertId?: string;
}

export interface DeskOptions {
  machine: AlertMachine;
  say: Say;
  words: ChatWords;
  /** `set`, `enable`, `disable` and `reset` may come from a chat. @default false */
  chatControl: boolean;
  /** Limits come with messages or from a context: `set` cannot change them. */
  limitsElsewhere: boolean;
  now(): number;
  /** Keys that there is a history of, also those that were not heard of since the start. @default none */
  recorded?(): Iterable<string>;
}

const MOST_LINES = 20;
const MOST_CHARTS = 3;

/** Obeys commands, and answers. */
export class AlertDesk {
  override: Override | undefined;

  constructor(private readonly options: DeskOptions) {}

  /** The open alerts, the newest last. */
  open(): AlertView[] {
    return [...this.options.machine.active]
      .filter(({ episode }) => episode !== undefined)
      .sort((a, b) => (a.episode?.startedAt ?? 0) - (b.episode?.startedAt ?? 0))
      .map((entry) => this.view(entry));
  }

  keys(): Iterable<string> {
    return this.options.machine.keys.map.keys();
  }

  /** A key as it is now; undefined for one that was never seen. */
  of(key: string): AlertView | undefined {
    const entry = this.options.machine.keys.map.get(key);
    return entry && this.view(entry);
  }

  /** Whether an id stands for an alert, or a message, of this node. */
  knows(alertId: string): boolean {
    return this.entriesOf({ id: alertId }).length > 0;
  }

  command(command: Command, asker: Asker): Answer {
    const { chatControl, say } = this.options;
    if (asker.chat && !chatControl && !HARMLESS.includes(command.cmd)) {
      return this.no(command.cmd, say('answer.notFromChat', { cmd: command.cmd }));
    }
    switch (command.cmd) {
      case 'ack':
      case 'unack':
        return this.acknowledge(command.cmd === 'ack', command.which, asker);
      case 'silence':
        return this.silence(command, asker);
      case 'unsilence':
        return this.unsilence(command, asker);
      case 'enable':
      case 'disable':
        return this.enable(command.cmd === 'enable');
      case 'reset':
        return this.reset(command.filter);
      case 'set':
        return this.set(command.field, command.value);
      case 'status':
        return this.status(command.filter);
      case 'chart':
        return this.chart(command.filter, asker);
      default:
        return { ok: true, cmd: 'help', text: say('answer.help') };
    }
  }

  /** The answer to what was not understood. */
  misunderstood(error: CommandError): Answer {
    const { say } = this.options;
    const near = error.near ? ` ${say('answer.near', { cmd: error.near })}` : '';
    return this.no('', `${say(`answer.error.${error.key}`, error.values)}${near}`);
  }

  view(entry: KeyEntry): AlertView {
    const { episode } = entry;
    const silence = this.options.machine.silences.of(entry.key, this.options.now());
    return {
      key: entry.key,
      state: entry.state,
      since: entry.since,
      value: entry.value,
      unit: entry.unit,
      limit: entry.limits?.source.limit,
      ...(episode && {
        id: episode.id,
        number: episode.number,
        severity: episode.severity,
        startedAt: episode.startedAt,
        ...(episode.acked && { acked: episode.acked }),
      }),
      ...(silence && { silencedUntil: silence.until }),
      flapping: entry.flapping,
    };
  }

  private acknowledge(isAck: boolean, which: Which | undefined, { by, alertId }: Asker): Answer {
    const { machine, say, words } = this.options;
    const cmd = isAck ? 'ack' : 'unack';
    const wanted = which ?? (alertId === undefined ? undefined : { id: alertId });
    const entries = (wanted ? this.entriesOf(wanted) : this.newest(isAck)).filter((entry) => entry.episode);
    if (entries.length === 0) {
      const shown = which && ('number' in which ? `#${which.number}` : 'key' in which ? which.key : which.id);
      return this.no(
        cmd,
        shown === undefined ? say('answer.noneOpen') : say('answer.unknown', { which: shown.slice(0, 80) }),
      );
    }
    machine.turn((now) => {
      for (const entry of entries) {
        if (!entry.episode || isAck === (entry.episode.acked !== undefined)) continue;
        entry.episode.acked = isAck ? { by: by.slice(0, 100), at: now } : undefined;
        machine.touch(entry);
      }
    });
    const names = entries.map(({ key, episode }) => `#${episode?.number} ${words.nameOf(key)}`);
    return this.yes(cmd, say(`answer.${cmd}`, { which: listed(names) }), entries);
  }

  private silence(command: Command & { cmd: 'silence' }, { by, alertId }: Asker): Answer {
    const { machine, say, words } = this.options;
    const { which, filter, ms } = command;
    const wanted = which ?? (filter === undefined && alertId !== undefined ? { id: alertId } : undefined);
    const entries = wanted ? this.entriesOf(wanted) : [];
    if (wanted && entries.length === 0) return this.no('silence', say('answer.noneOpen'));
    const until = machine.turn((now) => {
      const common = { until: now + ms, by: by.slice(0, 100), at: now, alertId };
      if (wanted) for (const { key } of entries) machine.silences.add({ ...common, key });
      else machine.silences.add(filter === undefined ? common : { ...common, filter: filter.slice(0, 200) });
      machine.nodeChanged();
      return now + ms;
    });
    const what = wanted ? listed(entries.map(({ key }) => words.nameOf(key))) : (filter ?? say('answer.all'));
    const values = { what, time: words.time(until), for: showDuration(ms, say) };
    return this.yes('silence', say('answer.silence', values), entries);
  }

  private unsilence(command: Command & { cmd: 'unsilence' }, { alertId }: Asker): Answer {
    const { machine, say } = this.options;
    const { which, filter } = command;
    const keys = which ? this.entriesOf(which).map(({ key }) => key) : [];
    const count = machine.turn(() => {
      const ended = machine.silences.end((one) => {
        if (which) return one.key !== undefined && keys.includes(one.key);
        if (filter !== undefined)
          return one.filter === filter || (one.key !== undefined && matchesFilter(one.key, filter));
        return alertId === undefined || one.alertId === alertId;
      });
      if (ended > 0) machine.nodeChanged();
      return ended;
    });
    return count > 0
      ? this.yes('unsilence', say('answer.unsilence', { count }))
      : this.no('unsilence', say('answer.notSilenced'));
  }

  private enable(isOn: boolean): Answer {
    const { machine, say } = this.options;
    const cmd = isOn ? 'enable' : 'disable';
    if (machine.enabled !== isOn) {
      machine.turn((now) => {
        machine.enabled = isOn;
        for (const entry of machine.keys.map.values()) {
          if (!isOn && (entry.state !== 'normal' || entry.active))
            machine.course.calm(entry, 'disabled', now);
          entry.lastSeen = now;
          entry.silent = false;
          machine.touch(entry);
        }
        machine.nodeChanged();
      });
    }
    return this.yes(cmd, say(`answer.${cmd}`));
  }

  private reset(filter: string | undefined): Answer {
    const { machine, say } = this.options;
    const entries = [...machine.keys.map.values()].filter(
      ({ key }) => filter === undefined || matchesFilter(key, filter),
    );
    if (filter !== undefined && entries.length === 0) {
      return this.no('reset', say('answer.unknown', { which: filter.slice(0, 80) }));
    }
    machine.turn((now) => {
      for (const entry of entries) machine.course.calm(entry, 'reset', now);
      machine.nodeChanged();
    });
    return this.yes('reset', say('answer.reset', { count: entries.length }));
  }

  private set(field: LimitField, raw: number | string): Answer {
    const { machine, say, limitsElsewhere } = this.options;
    const { condition } = machine.rules;
    if (limitsElsewhere || !machine.limits) return this.no('set', say('answer.limitElsewhere'));
    if (!limitFields(condition).includes(field)) {
      return this.no('set', say('answer.error.field', { text: field }));
    }
    const value = readLimit(condition, raw);
    if (value === undefined) {
      return this.no('set', say('answer.error.number', { text: String(raw).slice(0, 40) }));
    }
    try {
      const source = { ...machine.limits.source, [field]: value };
      const limits = readyLimits(condition, source, machine.rules.hysteresis);
      const over = this.override?.over ?? machine.limits.source;
      this.override = { source: limits.source, over };
      machine.turn(() => {
        machine.limits = limits;
        machine.nodeChanged();
      });
      return this.yes('set', say('answer.set', { field, value: showValue(value) }));
    } catch (error) {
      if (!(error instanceof LimitsError)) throw error;
      return this.no('set', say(`problem.${error.key}`, { field: error.field, ...error.values }));
    }
  }

  /** Takes over what `set` said before a restart, if the configuration still says what it said then. */
  adoptOverride(override: Override | undefined): void {
    const { machine } = this.options;
    if (!override || !machine.limits || !isSameSource(override.over, machine.limits.source)) return;
    try {
      machine.limits = readyLimits(machine.rules.condition, override.source, machine.rules.hysteresis);
      this.override = override;
    } catch {
      // The condition or its hysteresis is another one now: the configuration counts.
    }
  }

  private status(filter: string | undefined): Answer {
    const { machine, say, words } = this.options;
    const { map } = machine.keys;
    const entries = [...(filter === undefined ? machine.active : map.values())].filter(({ key, episode }) =>
      filter === undefined ? episode !== undefined : matchesFilter(key, filter),
    );
    if (filter !== undefined && entries.length === 0) {
      return this.no('status', say('answer.unknown', { which: filter.slice(0, 80) }));
    }
    const now = this.options.now();
    const lines = entries.slice(0, MOST_LINES).map((entry) => {
      const { episode } = entry;
      const values = {
        number: episode ? `#${episode.number} ` : '',
        key: words.nameOf(entry.key),
        state: say(`state.${entry.state}`),
        value: showValue(entry.value, entry.unit),
        for: showDuration(now - (episode?.startedAt ?? entry.since), say),
      };
      const acked = episode?.acked ? ` ${words.acked(episode.acked)}` : '';
      const silence = machine.silences.of(entry.key, now);
      const quiet = silence ? ` ${say('answer.silencedUntil', { time: words.time(silence.until) })}` : '';
      return say('answer.line', values) + acked + quiet;
    });
    if (entries.length > MOST_LINES) lines.push(say('text.more', { count: entries.length - MOST_LINES }));
    const head = !machine.enabled
      ? say('answer.disabled')
      : entries.length === 0
        ? say(map.size === 1 ? 'answer.normalSingle' : 'answer.normal', { count: map.size })
        : filter === undefined
          ? say('answer.openCount', { count: entries.length, keys: map.size })
          : '';
    return this.yes('status', [head, ...lines].filter((line) => line !== '').join('\n'), entries);
  }

  private chart(filter: string | undefined, { alertId }: Asker): Answer {
    const { machine, say } = this.options;
    const { map } = machine.keys;
    const keys = (isMeant: (key: string) => boolean): string[] => {
      const found = new Set<string>();
      for (const some of [map.keys(), this.options.recorded?.() ?? []]) {
        for (const key of some) if (found.size < MOST_CHARTS && isMeant(key)) found.add(key);
      }
      return [...found];
    };
    const exact = keys((key) => key === filter);
    const chart =
      exact.length > 0
        ? exact
        : filter !== undefined
          ? keys((key) => matchesFilter(key, filter))
          : alertId !== undefined
            ? this.entriesOf({ id: alertId }).map(({ key }) => key)
            : machine.active.size > 0
              ? [...machine.active].map(({ key }) => key)
              : keys(() => true);
    if (chart.length === 0) return this.no('chart', say('answer.unknown', { which: filter ?? '' }));
    return { ok: true, cmd: 'chart', text: '', chart: chart.slice(0, MOST_CHARTS) };
  }

  /** The newest open alert; for an acknowledgement the newest that has none, if there is one. */
  private newest(isAck: boolean): KeyEntry[] {
    let best: KeyEntry | undefined;
    const rank = ({ episode }: KeyEntry): number =>
      (episode?.startedAt ?? 0) + (isAck === (episode?.acked === undefined) ? 1e15 : 0);
    for (const entry of this.options.machine.active) {
      if (entry.episode && (!best || rank(entry) >= rank(best))) best = entry;
    }
    return best ? [best] : [];
  }

  private entriesOf(which: Which): KeyEntry[] {
    const { machine } = this.options;
    if ('key' in which) {
      const entry = machine.keys.map.get(which.key);
      if (entry) return [entry];
      const open = [...machine.active].filter(({ key }) => matchesFilter(key, which.key));
      return open.length === 1 ? open : [];
    }
    const members = 'id' in which ? machine.teller.membersOf(which.id) : [];
    return [...machine.active].filter(({ episode, told }) => {
      if ('number' in which) return episode?.number === which.number;
      const ids = [episode?.id, told?.id];
      return ids.some((id) => id !== undefined && (id === which.id || members.includes(id)));
    });
  }

  private yes(cmd: string, text: string, entries: readonly KeyEntry[] = []): Answer {
    return { ok: true, cmd, text, alerts: entries.slice(0, 1_000).map((entry) => this.view(entry)) };
  }

  private no(cmd: string, text: string): Answer {
    return { ok: false, cmd, text };
  }
}

function listed(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} … (${names.length})`;
}
