import type { Text } from '../base/text';
import { ConnectionLossLog, type LoggedLoss } from './connection-loss-log';
import type { Log } from './node-contract';

/** What the log says of a connection, each reason once until it stands again; and its last losses. */
export class ConnectionLog {
  private readonly recent = new ConnectionLossLog();
  private logged = '';

  constructor(private readonly log: Log) {}

  /** The newest first. */
  get losses(): readonly LoggedLoss[] {
    return this.recent.list;
  }

  /** @param broke there was a connection before */
  lost(at: number, reason: { readonly code: string; readonly text: Text }, broke: boolean): void {
    this.recent.add(at, reason, broke);
  }

  connected(text: string): void {
    this.logged = '';
    this.log.info(text);
  }

  /**
   * @param message tells reasons apart
   * @param isFinal nothing is tried again by itself
   */
  notConnected(message: string, isFinal: boolean, text = message): void {
    if (message === this.logged) return;
    this.logged = message;
    if (isFinal) this.log.error(text);
    else this.log.warn(text);
  }
}
