/**
 * Why a message to people cannot be sent as it is. The code is a key below `error` in the locales of `xmpp-out`,
 * where what to do about it is said; `params` are what it names.
 */
export class SendError extends Error {
  override readonly name = 'SendError';
  constructor(
    /** `receiver-missing`, `payload-json`, `attachment-outside`, … */
    readonly code: string,
    readonly params: Readonly<Record<string, string | number>> = {},
    options?: ErrorOptions,
  ) {
    super(`${code} ${Object.values(params).join(' ')}`.trim(), options);
  }
}
