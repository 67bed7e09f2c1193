import { oneLine } from '../base/printable';
import type { Translate } from '../base/translate';
import type { AlertMachine } from './machine';
import { type MessageTexts, showDuration } from './message-texts';
import type { PastAlert } from './past-alerts';
import { matchesFilter } from './silences';

/** An alert that is over, as a line of an answer. */
export interface PastLine {
  /** Milliseconds since the epoch. */
  endedAt: number;
  text: string;
}

/** As many as somebody reads on a phone. */
const MAX_SHOWN = 10;

export interface PastCommandOptions {
  machine: AlertMachine;
  words: MessageTexts;
  translate: Translate;
  now(): number;
}

/** The last alerts that are over, the newest first; one that began again is open. @param filter a part of a key, or a pattern; undefined: all */
export function pastLines(
  { machine, words, translate, now }: PastCommandOptions,
  filter: string | undefined,
): PastLine[] {
  const at = now();
  const lineOf = ({ text, startedAt, endedAt, acked }: PastAlert): PastLine => {
    const values = {
      what: text,
      from: words.moment(startedAt, at),
      to: words.moment(endedAt, at),
      for: showDuration(endedAt - startedAt, translate),
    };
    const by = acked ? ` ${words.acked(acked)}` : '';
    return { endedAt, text: translate('answer.pastLine', values) + by };
  };
  const isOpen = new Set([...machine.active].map(({ episode }) => episode?.id));
  return machine.past.all
    .filter(({ id, key }) => !isOpen.has(id) && (filter === undefined || matchesFilter(key, filter)))
    .slice(-MAX_SHOWN)
    .reverse()
    .map(lineOf);
}

/** Those of all nodes that a chat leads to, as one answer. */
export function pastText(
  lines: readonly PastLine[],
  filter: string | undefined,
  translate: Translate,
): string {
  const shown = [...lines].sort((one, two) => two.endedAt - one.endedAt).slice(0, MAX_SHOWN);
  if (shown.length > 0) return shown.map(({ text }) => text).join('\n');
  if (filter === undefined) return translate('answer.pastNone');
  return translate('answer.pastNoneOf', { which: oneLine(filter.slice(0, 80)) });
}
