import { type NameIn, text } from '../base/catalogue';
import { CodedError } from '../base/coded-error';
import type { TextParam } from '../base/text';

/** `receiver-missing`, `payload-json`, `attachment-outside`, …: a name in the room `send` of the catalogue. */
export type SendCode = NameIn<'send'>;

/** Why a message to people cannot be sent as it is, and what to do about it. */
export class SendError extends CodedError<SendCode> {
  override readonly name = 'SendError';
  constructor(code: SendCode, params?: Readonly<Record<string, TextParam>>, options?: ErrorOptions) {
    super(code, text(`send.${code}`, params), options);
  }
}
