import { isSameText, type Text } from '../base/text';
import { ConnectionLossLog, type LoggedLoss } from './connection-loss-log';
import type { Log } from './node-contract';

/** Logs each reason for a loss once until the connection is back; keeps the last losses. */
export class ConnectionLog {
  private readonly recent = new ConnectionLossLog();
  private logged: Text | undefined;

  constructor(private readonly log: Log) {}

  /** Last losses, newest first. */
  get losses(): readonly LoggedLoss[] {
    return this.recent.list;
  }

  /** @param broke true if there was a connection before */
  lost(at: number, reason: { readonly code: string; readonly text: Text }, broke: boolean): void {
    this.recent.add(at, reason, broke);
  }

  connected(said: Text): void {
    this.logged = undefined;
    this.log.info(said);
  }

  /**
   * @param reason logged once, until it is another one or there is a connection
   * @param isFinal true if nothing is tried again by itself
   */
  notConnected(reason: Text, isFinal: boolean, said = reason): void {
    if (isSameText(reason, this.logged)) return;
    this.logged = reason;
    if (isFinal) this.log.error(said);
    else this.log.warn(said);
  }
}
