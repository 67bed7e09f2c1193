import { CodedError } from '../base/coded-error';
import { Fault } from '../base/fault';
import { type Jid, readJid } from './jid-grammar';

/**
 * Takes a JID apart and normalises it, as {@link readJid}.
 * @throws JidError whose message names the part and what is wrong with it.
 */
export function parseJid(typed: string): Jid {
  const jid = readJid(typed);
  if (jid instanceof Fault) throw new JidError(jid.code, jid.text);
  return jid;
}

/** A JID that is none (RFC 7622), with the code and the text of the grammar's fault. */
export class JidError extends CodedError {
  override readonly name = 'JidError';
}
