import type { Clock } from '../../base/clock';
import { Journal, type StoredMessage } from '../../transport/outbox/journal';
import type { Log } from '../node-contract';

/** Keeps a connection's queue in `file` and logs its errors. */
export function queueJournal(
  file: string,
  clock: Clock,
  log: Log,
  live: () => Iterable<StoredMessage>,
): Journal {
  return new Journal(file, clock, live, {
    failed: (error) =>
      log.error(
        `The queue cannot be kept in ${file} (${error.message}): it goes on in memory, and what waits is lost if Node-RED ends. Make room there or set the rights; it is tried again every minute.`,
      ),
    recovered: () => log.info(`The queue is kept in ${file} again.`),
    damaged: (count) => log.warn(`${count} damaged record(s) in ${file} are left out; the others are sent.`),
  });
}
