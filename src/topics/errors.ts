/** A topic, filter, payload or option that cannot be used as it is: what, where, and what to do about it. */
export class InputError extends Error {
  override readonly name = 'InputError';
  constructor(
    /** Stable name of the fault: `topic-empty`, `payload-circular`, … */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
