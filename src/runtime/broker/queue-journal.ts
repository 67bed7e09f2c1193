import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import type { BrokerClient } from '../../transport/connection/broker-client';
import { Journal, type StoredMessage } from '../../transport/outbox/journal';
import { inMemory } from '../../transport/outbox/message-expiry';
import type { Log } from '../node-contract';

/** Keeps a connection's queue in `file` and logs its errors. */
export function queueJournal(
  file: string,
  clock: Clock,
  log: Log,
  live: () => Iterable<StoredMessage>,
): Journal {
  return new Journal(file, clock, live, {
    failed: (error) => log.error(text('log.queueFailed', { file, reason: textOf(error) })),
    recovered: () => log.info(text('log.queueAgain', { file })),
    damaged: (count) => log.warn(text('log.queueDamaged', { count, file })),
  });
}

/** Sends the messages on disk although persistence was switched off, and deletes the file. */
export function adoptFile(journal: Journal, client: BrokerClient, clock: Clock): void {
  const { restoredDone: done } = client;
  client.take(journal.load().map((message) => ({ ...inMemory(message, clock), done })));
  journal.discard();
}
