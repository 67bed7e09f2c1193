import { isAbsolute, join } from 'node:path';
import { MessageTemplate } from '../../homeassistant/templates/message-template';
import type { SendSettings } from '../../runtime/chat/chat-request';
import { contentLimits } from '../../runtime/chat/content-limits';
import {
  duration,
  flag,
  oneOf,
  type Problem,
  readField,
  trimmed,
  whole,
} from '../../runtime/config/raw-fields';
import { resourceFault } from '../../xmpp/jid-grammar';
import { FORMATS } from '../../xmpp/sending/text-format';

const KINDS = ['auto', 'chat', 'groupchat'] as const;

/** @param userDir base of a folder with a relative path. */
export function xmppOutSettings(
  def: Readonly<Record<string, unknown>>,
  userDir = '',
): SendSettings & Required<Pick<SendSettings, 'notify' | 'notifyExpiry'>> {
  const problems: Problem[] = [];
  const folder = trimmed(def.attachmentDir);
  return {
    to: trimmed(def.to),
    kind: oneOf(def.kind, 'kind', KINDS, 'auto', problems),
    format: oneOf(def.format, 'format', FORMATS, 'payload', problems),
    message: messageOf(def.message, problems),
    onlyChanges: flag(def.onlyChanges, false),
    nick: readField(def.nick, 'nick', '', problems, (nick) => resourceFault(nick, 'jid.nick') ?? nick),
    receipts: flag(def.receipts, true),
    notify: flag(def.notify, false),
    links: flag(def.links, false),
    notifyExpiry: duration(def.notifyExpiry, 'notifyExpiry', 300_000, problems),
    rate: whole(def.rate, 'rate', 20, problems),
    limits: contentLimits(def, { text: Number.POSITIVE_INFINITY, file: Number.POSITIVE_INFINITY }, problems),
    attachmentDir: folder === '' || isAbsolute(folder) ? folder : join(userDir, folder),
    problems,
  };
}

/** A template that cannot be read is noted, and kept: alerts go out in plain words, all else gets the reason. */
function messageOf(value: unknown, problems: Problem[]): MessageTemplate | undefined {
  if (trimmed(value) === '') return undefined;
  const template = new MessageTemplate(String(value));
  if (template.fault) problems.push({ field: 'message', text: template.fault.text });
  return template;
}
