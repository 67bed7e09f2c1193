import { CommandError, shownWhich, type Which } from './command-words';
import type { Asker, Command } from './commands';
import { isOpenAt } from './key-finder';
import type { KeyEntry } from './keys';
import { listed, showDuration } from './message-texts';
import type { Said, SilenceTools } from './silence-commands';
import { checkLength, endOf } from './silence-parser';
import { type Acknowledgement, isSameAck } from './states';

/** Obeys `ack` and `unack`. */
export class AckCommands {
  constructor(private readonly tools: SilenceTools) {}

  acknowledge(command: Command & { cmd: 'ack' }, asker: Asker): Said {
    const { translate, read, words, now } = this.tools;
    const { ms, until, note, which } = command;
    const { by } = asker;
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
        by: by.slice(0, 100),
        at: asker.at ?? now,
        ...(length !== undefined && { until: (asker.at ?? now) + length }),
        ...(note !== undefined && { note }),
      };
    });
    const values = { which: this.names(entries) };
    if (end === undefined || length === undefined)
      return { ok: true, text: translate('answer.ack', values), entries };
    const period = { time: words.moment(end, start), for: showDuration(length, translate) };
    return { ok: true, text: translate('answer.ackUntil', { ...values, ...period }), entries };
  }

  takeBack(which: Which | undefined, asker: Asker): Said {
    const entries = this.meant(which, asker, false);
    if (entries.length === 0) return this.none(which);
    this.change(entries, () => undefined);
    return { ok: true, text: this.tools.translate('answer.unack', { which: this.names(entries) }), entries };
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
