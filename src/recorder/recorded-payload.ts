import { pictureType } from './recorded-value';

/** Bytes that are kept of a payload. */
export const MAX_KEPT = 8_192;
/** Bytes up to which a picture is kept whole, and the number of such pictures. */
const LARGEST_PICTURE = 524_288;
const MAX_PICTURES = 24;
/** Bytes that are kept of all payloads together. When they are used up, new topics keep only a short beginning. */
const BUDGET = 48 * 1_048_576;
const KEPT_BEYOND_BUDGET = 256;
const EMPTY = Buffer.alloc(0);

/** Memory used by the payloads of one recorder. */
export class PayloadBudget {
  /** Bytes. */
  used = 0;
  pictures = 0;
}

/** A copy of a topic's last payload, or of its beginning. */
export class KeptPayload {
  private store: Buffer = EMPTY;
  private length = 0;

  /** Good until the next `put`. */
  get payload(): Buffer {
    return this.store.subarray(0, this.length);
  }

  put(payload: Buffer, budget: PayloadBudget): void {
    const { length } = payload;
    let most = MAX_KEPT;
    if (length > MAX_KEPT && length <= LARGEST_PICTURE && pictureType(payload)) {
      const counted = this.store.length > MAX_KEPT;
      if (counted || budget.pictures < MAX_PICTURES) most = LARGEST_PICTURE;
    }
    if (budget.used > BUDGET) most = Math.max(this.store.length, KEPT_BEYOND_BUDGET);
    const kept = Math.min(length, most);
    if (kept > this.store.length || this.store.length > 4 * kept + 1_024) {
      // In steps of 64 bytes, so that a value which grows by a digit does not need new memory; and not from the
      // shared pool: one small value would hold all of it.
      this.resize(Buffer.allocUnsafeSlow(Math.ceil(kept / 64) * 64), budget);
    }
    payload.copy(this.store, 0, 0, kept);
    this.length = kept;
  }

  /** Gives the memory back. */
  drop(budget: PayloadBudget): void {
    this.resize(EMPTY, budget);
    this.length = 0;
  }

  private resize(store: Buffer, budget: PayloadBudget): void {
    budget.used += store.length - this.store.length;
    budget.pictures += Number(store.length > MAX_KEPT) - Number(this.store.length > MAX_KEPT);
    this.store = store;
  }
}
