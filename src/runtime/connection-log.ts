import type { Text } from '../base/text';
import { ConnectionLossLog, type LoggedLoss } from './connection-loss-log';
import type { Log } from './node-contract';

/** Logs each reason for a loss once until the connection is back; keeps the last losses. */
export class ConnectionLog {
  private readonly recent = new ConnectionLossLog();
  private logged = '';

  constructor(private readonly log: Log) {}

  /** Last losses, newest first. */
  get losses(): readonly LoggedLoss[] {
    return this.recent.list;
  }

  /** @param broke true if there was a connection before */
  lost(at: number, reason: { readonly code: string; readonly text: Text }, broke: boolean): void {
    this.recent.add(at, reason, broke);
  }

  connected(text: string): void {
    this.logged = '';
    this.log.info(text);
  }

  /**
   * @param message tells reasons apart
   * @param isFinal true if nothing is tried again by itself
   */
  notConnected(message: string, isFinal: boolean, text = message): void {
    if (message === this.logged) return;
    this.logged = message;
    if (isFinal) this.log.error(text);
    else this.log.warn(text);
  }
}
