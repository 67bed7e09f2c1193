import { isAbsolute, join } from 'node:path';
import { flag, type Problem, text, whole } from '../../runtime/config/raw-fields';
import type { Kind } from '../../xmpp/chat-kind';
import { FORMATS, type Format } from '../../xmpp/sending/text-format';

/** Fields of `xmpp-out`, read once. */
export interface OutSettings {
  /** As typed: JIDs with commas or line ends between them; empty: the message names them. */
  to: string;
  kind: Kind | 'auto';
  format: Format;
  /** In rooms; empty: the name before the @ of the account. */
  nick: string;
  receipts: boolean;
  /** Messages a minute to one receiver. */
  rate: number;
  /** The only folder from which files are sent; empty: none is. */
  attachmentDir: string;
  problems: Problem[];
}

const KINDS = ['auto', 'chat', 'groupchat'] as const;

/** @param userDir where a folder that is no absolute path lies. */
export function outSettings(def: Readonly<Record<string, unknown>>, userDir = ''): OutSettings {
  const problems: Problem[] = [];
  const folder = text(def.attachmentDir);
  return {
    to: text(def.to),
    kind: oneOf(def.kind, 'kind', KINDS, 'auto', problems),
    format: oneOf(def.format, 'format', FORMATS, 'payload', problems),
    nick: text(def.nick),
    receipts: flag(def.receipts, true),
    rate: whole(def.rate, 'rate', 1, 6_000, 20, problems),
    attachmentDir: folder === '' || isAbsolute(folder) ? folder : join(userDir, folder),
    problems,
  };
}

function oneOf<T extends string>(
  value: unknown,
  field: string,
  allowed: readonly T[],
  fallback: T,
  problems: Problem[],
): T {
  const raw = text(value);
  if (raw === '') return fallback;
  const found = allowed.find((one) => one === raw);
  if (found) return found;
  problems.push({ field, text: `must be one of ${allowed.join(', ')}, but it is "${raw.slice(0, 40)}".` });
  return fallback;
}
