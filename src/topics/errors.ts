import { CodedError } from '../base/coded-error';

/**
 * A topic, filter, payload or option that cannot be used as it is: what, where, and what to do about it. Its code is a
 * stable name: `topic-empty`, `payload-circular`, …
 */
export class InputError extends CodedError {
  override readonly name = 'InputError';
}
