import { CommandError, shownWhich, type Which } from './command-words';
import type { Asker, Command } from './commands';
import type { KeyEntry } from './keys';
import { listed, showDuration } from './message-texts';
import type { Said, SilenceTools } from './silence-commands';
import { checkLength, endOf } from './silence-parser';
import { type Acknowledgement, isSameAck } from './states';

/** Obeys `ack` and `unack`. */
export class AckCommands {
  constructor(private readonly tools: SilenceTools) {}

  acknowledge(command: Command & { cmd: 'ack' }, { by, alertId }: Pick<Asker, 'by' | 'alertId'>): Said {
    const { translate, read, words, now } = this.tools;
    const { ms, until, note, which } = command;
    const entries = this.meant(which, alertId, true);
    if (entries.length === 0) return this.none(which);
    const isTimed = ms !== undefined || until !== undefined;
    const start = now();
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
    const length = end === undefined ? undefined : end - start;
    const said = length !== undefined || note !== undefined;
    this.change(entries, (now, before) => {
      // Whoever only says it again changes nothing.
      if (before && !said) return before;
      return {
        by: by.slice(0, 100),
        at: now,
        ...(length !== undefined && { until: now + length }),
        ...(note !== undefined && { note }),
      };
    });
    const values = { which: this.names(entries) };
    if (end === undefined || length === undefined)
      return { ok: true, text: translate('answer.ack', values), entries };
    const period = { time: words.moment(end, start), for: showDuration(length, translate) };
    return { ok: true, text: translate('answer.ackUntil', { ...values, ...period }), entries };
  }

  takeBack(which: Which | undefined, { alertId }: Pick<Asker, 'alertId'>): Said {
    const entries = this.meant(which, alertId, false);
    if (entries.length === 0) return this.none(which);
    this.change(entries, () => undefined);
    return { ok: true, text: this.tools.translate('answer.unack', { which: this.names(entries) }), entries };
  }

  /** The open alerts that are meant; without any word the newest one. */
  private meant(which: Which | undefined, alertId: string | undefined, isAck: boolean): KeyEntry[] {
    const { finder } = this.tools;
    const wanted = which ?? (alertId === undefined ? undefined : { id: alertId });
    const newest = wanted ? undefined : finder.newest(isAck);
    const found = wanted ? finder.of(wanted) : newest ? [newest] : [];
    return found.filter(({ episode }) => episode);
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
