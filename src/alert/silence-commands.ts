import { oneLine } from '../base/printable';
import type { ReadText, Translate } from '../base/translate';

import { CommandError, shownWhich } from './command-words';
import type { Asker, Command } from './commands';
import { isOpenAt, type KeyFinder } from './key-finder';
import type { KeyEntry } from './keys';
import type { AlertMachine } from './machine';

import { listed, type MessageTexts, showDuration } from './message-texts';

import { checkSilence, endOf } from './silence-parser';
import { matchesFilter } from './silences';

const MAX_SHOWN = 10;

export interface SilenceTools {
  machine: AlertMachine;
  finder: KeyFinder;
  translate: Translate;
  read: ReadText;
  words: MessageTexts;
  now(): number;
}

/** The reply, and the alerts that it is about. */
export interface Said {
  ok: boolean;
  text: string;
  entries: KeyEntry[];
}

/** Obeys `silence` and `unsilence`, and tells what holds. */
export class SilenceCommands {
  constructor(private readonly tools: SilenceTools) {}

  silence(command: Command & { cmd: 'silence' }, { by, alertId, reactor, at: saidAt }: Asker): Said {
    const { machine, finder, translate, read, words, now } = this.tools;
    const { which, filter } = command;
    const wanted = which ?? (filter === undefined && alertId !== undefined ? { id: alertId } : undefined);
    const found = wanted ? finder.of(wanted) : [];
    // The number may have been another alert's.
    const entries =
      which?.number === undefined || saidAt === undefined
        ? found
        : found.filter((entry) => isOpenAt(entry, saidAt));
    const meant = filter === undefined ? 0 : finder.known(filter).length;
    const missing = wanted ? entries.length === 0 : filter !== undefined && meant === 0;
    if (missing) {
      const shown = which ? shownWhich(which) : filter;
      return this.no(
        shown === undefined ? translate('answer.noneOpen') : translate('answer.unknown', { which: shown }),
      );
    }
    const start = saidAt ?? now();
    let end: number;
    try {
      end = endOf(command, start, words, checkSilence);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return this.no(read(error.text));
    }
    if (end <= now()) return this.no(translate('answer.overMeanwhile', { time: words.moment(end, now()) }));
    const length = end - start;
    machine.turn((turned) => {
      const at = saidAt ?? turned;
      const common = { until: at + length, by: by.slice(0, 100), at, alertId, reactor };
      if (wanted) for (const { key } of entries) machine.silences.add({ ...common, key });
      else machine.silences.add(filter === undefined ? common : { ...common, filter });
      machine.nodeChanged();
    });
    const what = wanted
      ? listed(entries.map(({ key }) => words.nameOf(key)))
      : filter === undefined
        ? translate('answer.all')
        : `${oneLine(filter)} (${meant})`;
    const values = { what, time: words.time(end), for: showDuration(length, translate) };
    return { ok: true, text: translate('answer.silence', values), entries };
  }

  unsilence({ which, filter }: Command & { cmd: 'unsilence' }, { alertId, reactor }: Asker): Said {
    const { machine, finder, translate } = this.tools;
    let others = 0;
    const keys = which ? finder.of(which).map(({ key }) => key) : [];
    const count = machine.turn((now) => {
      const ended = machine.silences.end((one) => {
        // It is over by itself.
        if (one.until <= now) return false;
        if (which) return one.key !== undefined && keys.includes(one.key);
        if (filter !== undefined)
          return one.filter === filter || (one.key !== undefined && matchesFilter(one.key, filter));
        if (alertId !== undefined && one.alertId !== alertId) return false;
        const isTheirs = reactor === undefined || one.reactor === reactor;
        if (!isTheirs) others += 1;
        return isTheirs;
      });
      if (ended > 0) machine.nodeChanged();
      return ended;
    });
    // Nothing is left of the reaction.
    if (count === 0 && others > 0) return { ok: true, text: '', entries: [] };
    if (count === 0) return this.no(translate('answer.notSilenced'));
    return { ok: true, text: translate('answer.unsilence', { count }), entries: [] };
  }

  /** Current silences, a line each. */
  lines(): string[] {
    const { machine, translate, words } = this.tools;
    const now = this.tools.now();
    const all = machine.silences.all.filter(({ until }) => until > now);
    const lines = all.slice(0, MAX_SHOWN).map(({ key, filter, until, by }) => {
      const what =
        key !== undefined
          ? words.nameOf(key)
          : filter !== undefined
            ? oneLine(filter)
            : translate('answer.all');
      const values = {
        what,
        time: words.time(until),
        for: showDuration(until - now, translate),
        by: oneLine(by),
      };
      return translate('answer.silenceLine', values);
    });
    const more = all.length - MAX_SHOWN;
    return more > 0 ? [...lines, translate('text.more', { count: more })] : lines;
  }

  private no(text: string): Said {
    return { ok: false, text, entries: [] };
  }
}
