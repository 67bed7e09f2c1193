import { isDeepStrictEqual } from 'node:util';
import type { Text } from '../base/text';

/** One reason for a lost connection or a failed try. */
export interface LoggedLoss {
  /** Last time that it was the reason, in milliseconds since the epoch. */
  at: number;
  code: string;
  text: Text;
  /** Times in a row. */
  times: number;
  /** True if there was a connection before. */
  broke: boolean;
}

const MAX = 10;

/** The last losses of a connection, the newest first; the same reason again is counted. */
export class ConnectionLossLog {
  private readonly losses: LoggedLoss[] = [];

  add(at: number, reason: { readonly code: string; readonly text: Text }, broke: boolean): void {
    const { code, text } = reason;
    const [last] = this.losses;
    if (last && isDeepStrictEqual(last.text, text) && !broke) {
      last.at = at;
      last.times += 1;
      return;
    }
    this.losses.unshift({ at, code, text, times: 1, broke });
    this.losses.length = Math.min(this.losses.length, MAX);
  }

  get list(): readonly LoggedLoss[] {
    return this.losses;
  }
}
