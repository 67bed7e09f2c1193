import { plain } from '../base/printable';

/** One loss of a connection, or one reason why it did not come about. */
export interface LoggedLoss {
  /** When it was last the reason, in milliseconds since the epoch. */
  at: number;
  code: string;
  text: string;
  /** How often in a row. */
  times: number;
  /** There was a connection before. */
  broke: boolean;
}

const MAX = 10;
const MAX_LENGTH = 500;

/** The last losses of a connection, the newest first; the same reason again is counted. */
export class ConnectionLossLog {
  private readonly losses: LoggedLoss[] = [];

  add(at: number, reason: { readonly code: string; readonly message: string }, broke: boolean): void {
    const text = plain(reason.message, MAX_LENGTH);
    const [last] = this.losses;
    if (last && last.text === text && !broke) {
      last.at = at;
      last.times += 1;
      return;
    }
    this.losses.unshift({ at, code: reason.code, text, times: 1, broke });
    this.losses.length = Math.min(this.losses.length, MAX);
  }

  get list(): readonly LoggedLoss[] {
    return this.losses;
  }
}
