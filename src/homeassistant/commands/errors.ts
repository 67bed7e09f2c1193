import { CodedError } from '../../base/coded-error';

/**
 * Why a command is not sent: `unknown` the entity has no such command, `value` what was said cannot be read, `range` it
 * is outside of the limits, `unavailable` the entity cannot be reached, `code` it wants a code, `readonly` it takes no
 * commands, `template` its command template makes nothing of it.
 */
export type EntityCommandErrorCode =
  | 'unknown'
  | 'value'
  | 'range'
  | 'unavailable'
  | 'code'
  | 'readonly'
  | 'template';

export class EntityCommandError extends CodedError<EntityCommandErrorCode> {
  override readonly name = 'EntityCommandError';
}
