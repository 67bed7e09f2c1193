import type { AlertGroup } from './alert-groups';
import { renumberedLine, renumberedText } from './alert-text';
import type { KeyEntry } from './keys';
import type { NodeNumbers } from './number-pool';
import type { AlertEvent } from './states';

/**
 * Gives an alert another short number, in its state and in waiting notifications.
 * @returns false if its number is not `from`
 */
export function renumber(entry: KeyEntry, groups: readonly AlertGroup[], from: number, to: number): boolean {
  const having = [entry.episode, entry.notified].filter((one) => one?.number === from);
  for (const one of having) if (one) one.number = to;
  const { notified } = entry;
  if (notified) {
    notified.text = renumberedText(notified.text, from, to);
    for (const line of groups.flatMap(({ lines }) => lines)) {
      if (line.id === notified.id) line.text = renumberedLine(line.text, from, to);
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
    event.text = renumberedText(event.text, from, to);
    renumberEvents(event.alerts ?? [], from, to);
  }
}
