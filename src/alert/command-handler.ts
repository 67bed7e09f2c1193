import { text } from '../base/catalogue';
import { oneLine } from '../base/printable';
import type { ReadText, Translate } from '../base/translate';
import { type AckCommand, AckCommands } from './ack-commands';
import { parseAckNote } from './ack-parser';
import type { AlertView } from './alert-view';
import { keysToChart } from './chart-command';
import { type About, CommandError, shortly, shownWhich, type Which } from './command-words';
import { type Asker, type Command, HARMLESS } from './commands';
import { ForgetCommand } from './forget-command';
import { KeyFinder } from './key-finder';
import type { KeyEntry } from './keys';
import type { AlertMachine } from './machine';
import { type MessageTexts, showDuration, showValue } from './message-texts';
import { type PastLine, pastLines, pastText } from './past-command';
import { type Quiet, quietView } from './quiet';
import { LimitsError, readyLimits } from './ready-limits';
import { isSameSource, type LimitField, limitFields, readLimit } from './rules';
import { SilenceCommands } from './silence-commands';
import { parsePeriod } from './silence-parser';
import type { Override } from './snapshot';
import { type Overview, overviewText } from './status-overview';

export interface CommandAnswer {
  ok: boolean;
  cmd: string;
  /** Ready for a chat. */
  text: string;
  alerts?: AlertView[];
  /** A picture is wanted of these keys. */
  chart?: string[];
  /** The parts of the text of `status`. */
  overview?: Overview;
  /** Those of the text of `history`. */
  past?: PastLine[];
}

export interface AlertCommandsOptions {
  machine: AlertMachine;
  /** The node's name, for people. */
  name: string;
  translate: Translate;
  read: ReadText;
  words: MessageTexts;
  /** `set`, `enable`, `disable` and `reset` may come from a chat. @default false */
  chatControl: boolean;
  /** Limits come with messages or from a context: `set` cannot change them. */
  limitsElsewhere: boolean;
  now(): number;
  /** Forgets a device; false: it is none that is known. @default there are no devices */
  forgetDevice?(id: string): boolean;
  /** Keys that there is a history of, also those that were not heard of since the start. @default none */
  recorded?(): Iterable<string>;
}

const MAX_LINES = 20;

/** Obeys commands, and answers. */
export class AlertCommands {
  override: Override | undefined;

  private readonly finder: KeyFinder;
  private readonly silences: SilenceCommands;
  private readonly acks: AckCommands;
  private readonly forgetting: ForgetCommand;

  constructor(private readonly options: AlertCommandsOptions) {
    this.finder = new KeyFinder(options.machine, () => options.recorded?.() ?? []);
    this.silences = new SilenceCommands({ ...options, finder: this.finder });
    this.acks = new AckCommands({ ...options, finder: this.finder });
    this.forgetting = new ForgetCommand({ ...options, finder: this.finder });
  }

  get name(): string {
    return oneLine(this.options.name);
  }

  /** A key, or the typed text, as an answer shows it. */
  shown(key: string): string {
    return this.options.words.nameOf(key);
  }

  /** What its last value says, in the words of its messages. */
  shownValue(key: string): string {
    const entry = this.options.machine.keys.map.get(key);
    return entry ? this.options.words.valueText(entry, entry.value) : '';
  }

  get translate(): Translate {
    return this.options.translate;
  }

  /** True if this command is accepted from chat. */
  mayChat(cmd: Command['cmd']): boolean {
    return this.options.chatControl || HARMLESS.includes(cmd);
  }

  /** The limits that `set` changes, as they are now. */
  limits(): { field: LimitField; value: string }[] {
    const { machine, limitsElsewhere } = this.options;
    const { limits, rules } = machine;
    if (limitsElsewhere || !limits) return [];
    return limitFields(rules.condition).map((field) => ({
      field,
      value: limits.source[field] === undefined ? '' : String(limits.source[field]),
    }));
  }

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

  /** True if an id stands for an alert, or a message, of this node. */
  knows(alertId: string): boolean {
    return this.finder.of({ id: alertId }).length > 0;
  }

  /** Number of keys that an alert, or a part of a key, stands for here. */
  meant({ which, filter }: About): number {
    if (which) return this.finder.of(which).length;
    return filter === undefined ? 0 : this.finder.known(filter).length;
  }

  /** As `AckCommands.rank`. */
  ackRank(command: AckCommand, asker: Asker): number | undefined {
    return this.acks.rank(command, asker);
  }

  command(command: Command, asker: Asker): CommandAnswer {
    const { translate } = this.options;
    if (asker.chat && !this.mayChat(command.cmd)) {
      return this.no(command.cmd, translate('answer.notFromChat', { cmd: command.cmd }));
    }
    switch (command.cmd) {
      case 'ack':
        return this.said('ack', this.acks.acknowledge(command, asker));
      case 'unack':
        return this.said('unack', this.acks.takeBack(command, asker));
      case 'silence':
        return this.said('silence', this.silences.silence(command, asker));
      case 'unsilence':
        return this.said('unsilence', this.silences.unsilence(command, asker));
      case 'enable':
      case 'disable':
        return this.enable(command.cmd === 'enable');
      case 'reset':
        return this.reset(command);
      case 'forget':
        return this.said('forget', this.forgetting.forget(command.which));
      case 'set':
        return this.set(command.field, command.value);
      case 'status':
        return this.status(command);
      case 'chart':
        return this.chart(command, asker);
      case 'history':
        return this.history(command.filter);
      default:
        return { ok: true, cmd: 'help', text: this.help(!asker.chat || this.mayChat('set')) };
    }
  }

  /** Acknowledges one alert, with what was typed beside the button: a time, a note, both or neither. */
  acknowledge(which: Which, typed: string, asker: Asker): CommandAnswer {
    return this.typed(() => ({ cmd: 'ack', which, ...parseAckNote(typed) }), asker);
  }

  /** Silences one alert for as long as was typed beside the button. */
  silenceFor(which: Which, typed: string, asker: Asker): CommandAnswer {
    return this.typed(() => ({ cmd: 'silence', which, ...parsePeriod(typed) }), asker);
  }

  /** The answer to a text that was not understood. */
  misunderstood(error: CommandError): CommandAnswer {
    return this.no('', this.options.read(error.text));
  }

  /** The help text; `control`: including commands that change how the node works. */
  help(control: boolean): string {
    const { translate } = this.options;
    return [
      translate('answer.help'),
      ...(control ? [translate('answer.helpControl')] : []),
      translate('answer.helpTap'),
    ].join('\n');
  }

  view(entry: KeyEntry): AlertView {
    const { episode } = entry;
    const now = this.options.now();
    const silence = this.options.machine.silences.of(entry.key, now);
    const quiet = this.options.machine.notifier.quietOf(entry, now);
    const heldBy = quiet?.by === 'dependency' ? this.options.machine.heldBy(entry) : undefined;
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
      ...(quiet && { quiet: quietView(quiet) }),
      ...(heldBy && { heldBy }),
      ...(entry.subject && { subject: entry.subject }),
    };
  }

  private enable(isOn: boolean): CommandAnswer {
    const { machine, translate } = this.options;
    const cmd = isOn ? 'enable' : 'disable';
    if (machine.enabled !== isOn) {
      machine.turn((now) => {
        machine.enabled = isOn;
        for (const entry of machine.keys.map.values()) {
          if (!isOn && (entry.state !== 'normal' || entry.active))
            machine.lifecycle.calm(entry, 'disabled', now);
          entry.lastSeen = now;
          entry.missing = false;
          machine.touch(entry);
        }
        machine.nodeChanged();
      });
    }
    return this.yes(cmd, translate(`answer.${cmd}`));
  }

  private reset({ which, filter }: About): CommandAnswer {
    const { machine, translate } = this.options;
    const entries = which ? this.finder.of(which) : this.finder.like(filter);
    if ((which || filter !== undefined) && entries.length === 0) {
      return this.no('reset', this.unknown(which ? shownWhich(which) : filter));
    }
    machine.turn((now) => {
      for (const entry of entries) machine.lifecycle.calm(entry, 'reset', now);
      machine.nodeChanged();
    });
    return this.yes('reset', translate('answer.reset', { count: entries.length }));
  }

  private set(field: LimitField, raw: number | string): CommandAnswer {
    const { machine, translate, read, limitsElsewhere } = this.options;
    const { condition } = machine.rules;
    if (limitsElsewhere || !machine.limits) return this.no('set', translate('answer.limitElsewhere'));
    if (!limitFields(condition).includes(field)) {
      return this.no('set', read(text('command.field', { text: field })));
    }
    const value = readLimit(condition, raw);
    if (value === undefined) {
      return this.no('set', read(text('command.number', { text: String(raw).slice(0, 40) })));
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
      return this.yes('set', translate('answer.set', { field, value: showValue(value) }));
    } catch (error) {
      if (!(error instanceof LimitsError)) throw error;
      return this.no('set', read(error.text));
    }
  }

  /** Restores the limits set before a restart, if the configuration has not changed since. */
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

  private status({ which, filter }: About): CommandAnswer {
    const { machine, translate, words } = this.options;
    const isAll = !which && filter === undefined;
    const entries = which
      ? this.finder.of(which)
      : isAll
        ? [...machine.active].filter(({ episode }) => episode !== undefined)
        : this.finder.like(filter);
    if (!isAll && entries.length === 0) {
      return this.no('status', this.unknown(which ? shownWhich(which) : filter));
    }
    const now = this.options.now();
    const lines = entries.slice(0, MAX_LINES).map((entry) => {
      const { episode } = entry;
      const values = {
        number: episode ? `#${episode.number} ` : '',
        key: words.nameOf(entry.key),
        state: translate(`state.${entry.state}`),
        value: words.valueText(entry, entry.value),
        for: showDuration(now - (episode?.startedAt ?? entry.since), translate),
      };
      const acked = episode?.acked ? ` ${words.acked(episode.acked)}` : '';
      return translate('answer.line', values) + acked + this.quietText(entry, now);
    });
    if (entries.length > MAX_LINES) lines.push(translate('text.more', { count: entries.length - MAX_LINES }));
    const overview: Overview = {
      name: this.name,
      isOff: !machine.enabled,
      keys: machine.keys.map.size,
      open: isAll ? entries.length : undefined,
      lines,
      silences: isAll ? this.silences.lines() : [],
    };
    return { ...this.yes('status', overviewText([overview], translate), entries), overview };
  }

  /** Why nothing is sent about a key, and until when. */
  private quietText(entry: KeyEntry, now: number): string {
    const { machine, translate, words } = this.options;
    const silence = machine.silences.of(entry.key, now);
    const quiet: Quiet | undefined = silence
      ? { by: 'silence', until: silence.until }
      : machine.notifier.quietOf(entry, now);
    if (!quiet) return '';
    const heldBy = quiet.by === 'dependency' ? machine.heldBy(entry) : undefined;
    if (heldBy) {
      const which = `#${heldBy.number} ${words.nameOf(heldBy.key)}`;
      return ` ${translate('answer.heldBy', { which })}`;
    }
    const said = translate(`answer.quiet.${quiet.by}`);
    if (!Number.isFinite(quiet.until)) return ` ${said}`;
    return ` ${translate('answer.quietUntil', { why: said, time: words.moment(quiet.until, now) })}`;
  }

  private chart(about: About, { alertId }: Asker): CommandAnswer {
    const { which, filter = which?.key } = about;
    const chart = keysToChart({ ...this.options, finder: this.finder }, about, alertId);
    const isOne = which?.id !== undefined || which?.number !== undefined;
    if (chart.length === 0) return this.no('chart', this.unknown(isOne ? shownWhich(which) : filter));
    return { ok: true, cmd: 'chart', text: '', chart };
  }

  private history(filter: string | undefined): CommandAnswer {
    const past = pastLines(this.options, filter);
    return { ...this.yes('history', pastText(past, filter, this.options.translate)), past };
  }

  private typed(read: () => Command, asker: Asker): CommandAnswer {
    try {
      return this.command(read(), asker);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return this.misunderstood(error);
    }
  }

  private unknown(which = ''): string {
    return this.options.translate('answer.unknown', { which: shortly(which, 80) });
  }

  private said(
    cmd: string,
    { ok, text, entries }: { ok: boolean; text: string; entries: KeyEntry[] },
  ): CommandAnswer {
    return ok ? this.yes(cmd, text, entries) : this.no(cmd, text);
  }

  private yes(cmd: string, text: string, entries: readonly KeyEntry[] = []): CommandAnswer {
    return { ok: true, cmd, text, alerts: entries.slice(0, 1_000).map((entry) => this.view(entry)) };
  }

  private no(cmd: string, text: string): CommandAnswer {
    return { ok: false, cmd, text };
  }
}
