import type { KeyEntry } from './keys';
import type { AlertGroup } from './notifier';
import type { NodeNumbers } from './number-pool';
import type { AlertEvent } from './states';

/** The same text with another number behind the mark of a line. */
function renumbered(text: string, from: number, to: number): string {
  return text.replace(new RegExp(`^(\\S+ )#${from}(?= )`, 'gm'), `$1#${to}`);
}

/**
 * Gives an alert another short number, in its state and in waiting notifications.
 * @returns false if its number is not `from`
 */
export function renumber(entry: KeyEntry, groups: readonly AlertGroup[], from: number, to: number): boolean {
  const having = [entry.episode, entry.notified].filter((one) => one?.number === from);
  for (const one of having) if (one) one.number = to;
  const { notified } = entry;
  if (notified) {
    notified.text = renumbered(notified.text, from, to);
    for (const line of groups.flatMap(({ lines }) => lines)) {
      if (line.id === notified.id) line.text = renumbered(line.text, from, to);
    }
  }
  return having.length > 0;
}

/** Takes back the numbers of an alert from before the start, or others if another node has them by now. */
export function keepNumbers(entry: KeyEntry, groups: readonly AlertGroup[], numbers: NodeNumbers): void {
  for (const number of new Set([entry.episode?.number, entry.notified?.number])) {
    // Two nodes of an older version could both have a #1.
    if (number === undefined || numbers.occupy(number)) continue;
    renumber(entry, groups, number, numbers.take());
  }
}

/** Events that were not sent yet. */
export function renumberEvents(events: readonly AlertEvent[], from: number, to: number): void {
  for (const event of events) {
    if (event.number === from) event.number = to;
    event.text = renumbered(event.text, from, to);
    renumberEvents(event.alerts ?? [], from, to);
  }
}
