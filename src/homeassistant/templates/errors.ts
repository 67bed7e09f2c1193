import { CodedError } from '../../base/coded-error';

/**
 * Why a template gave no text: `syntax` it cannot be read, `value` it does not go with these values, `work` it wants
 * more than it may take, `unsupported` it asks for what only Home Assistant knows (`states()`, `now()`, `this`).
 */
export type TemplateErrorCode = 'syntax' | 'value' | 'work' | 'unsupported';

export class TemplateError extends CodedError<TemplateErrorCode> {
  override readonly name = 'TemplateError';
}
