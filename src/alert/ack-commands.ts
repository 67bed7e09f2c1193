import { MINUTE } from '../base/time-units';
import { CommandError, shownWhich, type Which } from './command-words';
import type { Asker, Command } from './commands';
import { isOpenAt, rankOf } from './key-finder';
import type { KeyEntry } from './keys';
import { listed, showDuration } from './message-texts';
import type { Said, SilenceTools } from './silence-commands';
import { checkLength, endOf } from './silence-parser';
import { type Acknowledgement, isSameAck } from './states';

export type AckCommand = Extract<Command, { cmd: 'ack' | 'unack' }>;

/** Time in which an acknowledgement can be undone, in milliseconds. */
const UNDO_MS = MINUTE;
const MAX_NAME = 100;

/** Obeys `ack` and `unack`. */
export class AckCommands {
  constructor(private readonly tools: SilenceTools) {}

  acknowledge(command: Command & { cmd: 'ack' }, asker: Asker): Said {
    const { translate, read, words, now } = this.tools;
    const { ms, until, note, which } = command;
    const { by, reactor } = asker;
    const entries = this.meant(which, asker, true);
    if (entries.length === 0) return this.none(which);
    const isTimed = ms !== undefined || until !== undefined;
    const start = asker.at ?? now();
    let end: number | undefined;
    try {
      if (isTimed)
        end = endOf(
          { ...(ms !== undefined && { ms }), ...(until !== undefined && { until }) },
          start,
          words,
          (length) => checkLength(length, 'ackTooLong'),
        );
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return { ok: false, text: read(error.text), entries: [] };
    }
    if (end !== undefined && end <= now())
      return {
        ok: false,
        text: translate('answer.overMeanwhile', { time: words.moment(end, now()) }),
        entries: [],
      };
    const length = end === undefined ? undefined : end - start;
    const said = length !== undefined || note !== undefined;
    this.change(entries, (now, before) => {
      // Whoever only says it again changes nothing.
      if (before && !said) return before;
      return {
        by: nameOf(by),
        at: asker.at ?? now,
        ...(length !== undefined && { until: (asker.at ?? now) + length }),
        ...(note !== undefined && { note }),
        ...(reactor !== undefined && { reactor }),
      };
    });
    const values = { which: this.names(entries) };
    if (end === undefined || length === undefined)
      return { ok: true, text: translate('answer.ack', values), entries };
    const period = { time: words.moment(end, start), for: showDuration(length, translate) };
    return { ok: true, text: translate('answer.ackUntil', { ...values, ...period }), entries };
  }

  takeBack(command: Extract<AckCommand, { cmd: 'unack' }>, asker: Asker): Said {
    const { which } = command;
    const { reactor } = asker;
    const isUndo = isAboutPerson(command, asker);
    const found = isUndo ? this.undoable(asker) : this.meant(which, asker, false);
    const entries =
      reactor === undefined ? found : found.filter(({ episode }) => episode?.acked?.reactor === reactor);
    // Nothing is left of the reaction, and the message says who acknowledged.
    if (entries.length === 0 && found.length > 0) return { ok: true, text: '', entries };
    if (entries.length === 0)
      return isUndo
        ? { ok: false, text: this.tools.translate('answer.nothingToUndo'), entries }
        : this.none(which);
    this.change(entries, () => undefined);
    return { ok: true, text: this.tools.translate('answer.unack', { which: this.names(entries) }), entries };
  }

  /**
   * Rank of the alert that the command is about where it names none, the newer the higher, to be compared with that of
   * other nodes for the same command; undefined: there is none.
   */
  rank(command: AckCommand, asker: Asker): number | undefined {
    if (isAboutPerson(command, asker)) return this.undoable(asker)[0]?.episode?.acked?.at;
    const isAck = command.cmd === 'ack';
    const entry = this.tools.finder.newest(isAck, asker.at);
    return entry && rankOf(entry, isAck);
  }

  /** The alerts that somebody acknowledged last, all at once, within a minute of now, or of when this was said. */
  private undoable({ by, at }: Asker): KeyEntry[] {
    const { machine, now } = this.tools;
    const when = at ?? now();
    const recent = [...machine.active].filter(({ episode }) => {
      // What was read from an archive a moment ago was given when it was written.
      return episode?.acked?.by === nameOf(by) && Math.abs(when - episode.acked.at) < UNDO_MS;
    });
    const newest = Math.max(...recent.map(ackedAt));
    return recent.filter((entry) => ackedAt(entry) === newest);
  }

  /** The open alerts that are meant; without any word the newest one. */
  private meant(which: Which | undefined, { alertId, at }: Asker, isAck: boolean): KeyEntry[] {
    const { finder } = this.tools;
    const wanted = which ?? (alertId === undefined ? undefined : { id: alertId });
    const newest = wanted ? undefined : finder.newest(isAck, at);
    const found = wanted ? finder.of(wanted) : newest ? [newest] : [];
    // The number may have been another alert's, and an answered message is its own proof.
    return found.filter((entry) => isOpenAt(entry, which ? at : undefined));
  }

  private change(
    entries: readonly KeyEntry[],
    changed: (now: number, before: Acknowledgement | undefined) => Acknowledgement | undefined,
  ): void {
    const { machine } = this.tools;
    machine.turn((now) => {
      for (const entry of entries) {
        const { episode } = entry;
        if (!episode) continue;
        const acked = changed(now, episode.acked);
        if (isSameAck(acked, episode.acked)) continue;
        episode.acked = acked;
        // What expired before has been seen.
        if (acked) episode.expiredAt = undefined;
        machine.touch(entry);
      }
    });
  }

  private names(entries: readonly KeyEntry[]): string {
    return listed(entries.map(({ key, episode }) => `#${episode?.number} ${this.tools.words.nameOf(key)}`));
  }

  private none(which: Which | undefined): Said {
    const { translate } = this.tools;
    const text = which
      ? translate('answer.unknown', { which: shownWhich(which) })
      : translate('answer.noneOpen');
    return { ok: false, text, entries: [] };
  }
}

/** True for an `undo` that names no alert: it is about what the person did. */
const isAboutPerson = (command: AckCommand, { alertId }: Asker): boolean =>
  command.cmd === 'unack' && command.isUndo === true && !command.which && alertId === undefined;

const ackedAt = ({ episode }: KeyEntry): number => episode?.acked?.at ?? 0;
const nameOf = (by: string): string => by.slice(0, MAX_NAME);
