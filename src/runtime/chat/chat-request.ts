import { Fault } from '../../base/fault';
import { plain } from '../../base/printable';
import type { ReadText } from '../../base/translate';
import { xmlText } from '../../base/xml-text';
import type { MessageTemplate } from '../../homeassistant/templates/message-template';
import { preparedAddress, typedAddress } from '../../xmpp/address-text';
import { bareOf } from '../../xmpp/addresses';
import { MAX_DEPTH } from '../../xmpp/automatic';
import type { ChatKind } from '../../xmpp/chat-kind';
import { type ContentLimits, contentOfBytes, documentText, fileOf } from '../../xmpp/payload/content';
import { SendError } from '../../xmpp/send-error';
import { CHAT_STATES, HINTS } from '../../xmpp/sending/message-stanza';
import { MAX_LABEL, MAX_RESPONSES, MAX_VALUE } from '../../xmpp/sending/quick-responses';
import type { Notified, SendRequest } from '../../xmpp/sending/send-request';
import { type Format, formatText } from '../../xmpp/sending/text-format';
import { entriesOf, MAX_RECIPIENTS, RECIPIENT_SEPARATOR } from '../../xmpp/typed-addresses';
import type { AttachmentSource } from '../../xmpp/upload/attachment';
import type { Problem } from '../config/raw-fields';

type Message = Readonly<Record<string, unknown>>;

const MAX_FILES = 20;
const MAX_ID_LENGTH = 500;

export interface Read {
  request: SendRequest;
  /** Why a message about an alert goes out in plain words, without the template. */
  fault?: SendError | undefined;
  /** Number of characters that became U+FFFD because XML forbids them. */
  replaced: number;
}

/**
 * Reads a flow's message; its fields win over the dialog's.
 * @throws SendError if it cannot be sent.
 */
export function requestOf(msg: Message, settings: SendSettings, read: ReadText): Read {
  let replaced = 0;
  const legal = (raw: string): string => {
    const { text, replaced: count } = xmlText(raw);
    replaced += count;
    return text;
  };
  const to = recipientsOf(isGiven(msg.to) ? msg.to : settings.to, msg.xmpp);
  const { files, payload } = contentsOf(msg, settings, read);
  const subject = isGiven(msg.subject) ? legal(textOf(msg.subject, 'subject')) : undefined;
  const chatState = isGiven(msg.chatState) ? oneOf(msg.chatState, CHAT_STATES, 'chat-state') : undefined;
  const filled = filledOf(msg, settings.message, payload);
  const says = saysAnything(
    filled.payload,
    files.length > 0 || subject !== undefined || chatState !== undefined,
  );
  let text: string | undefined;
  if (says) {
    text = legal(formatText(filled.payload, msg.topic, settings.format, msg.unit));
    // It would ring, and say nothing.
    if (text.trim() === '') {
      if (files.length === 0 && subject === undefined && chatState === undefined)
        throw new SendError('payload-empty');
      text = undefined;
    }
  }
  if (text !== undefined) {
    if (settings.format === 'file' || Buffer.byteLength(text) > settings.limits.text) {
      const most = settings.limits.file;
      files.push({ data: Buffer.from(text), name: fileName({ ...msg, payload }), folder: '', most });
      text = undefined;
    }
  }
  const alertId = isGiven(msg.alertId) ? idOf(msg.alertId, 'alert-id') : undefined;
  const request: SendRequest = {
    to,
    kind: isGiven(msg.kind) ? oneOf(msg.kind, ['auto', 'chat', 'groupchat'] as const, 'kind') : settings.kind,
    text,
    files,
    subject,
    chatState,
    thread: isGiven(msg.thread) ? legal(idOf(msg.thread, 'thread')) : undefined,
    replaces: isGiven(msg.replaces) ? replacesOf(msg.replaces) : undefined,
    alertId,
    hints: hintsOf(msg.hints),
    receipt: settings.receipts,
    automatic: automaticOf(msg, to),
    ...(isGiven(msg.responses) && { responses: responsesOf(msg.responses, legal) }),
    ...(settings.notify && { notified: notifiedOf(msg, subject) }),
  };
  return { request, replaced, fault: filled.fault };
}

/**
 * Messages of machines in a row, this one included: alerts and their answers, and messages that go back to their sender.
 * A person's message that a flow hands on to others is none.
 * @throws SendError for one more of a row that looks as if it had no end
 */
function automaticOf(msg: Message, to: readonly string[]): number | undefined {
  const { from, automatic } = partOf(msg.xmpp);
  const before = typeof automatic === 'number' ? automatic : 0;
  // With a sender it is what somebody said about an alert.
  const isAlert = (isGiven(msg.alertId) && from === undefined) || typeof partOf(msg.alert).ok === 'boolean';
  const chat = bareOf(String(from));
  const isBack = to.some((one) => bareOf(one) === chat);
  const depth = Math.max(isAlert ? 1 : 0, isBack ? before + 1 : before);
  if (depth > MAX_DEPTH) throw new SendError('automatic', { most: MAX_DEPTH });
  return depth || undefined;
}

/**
 * The payload, or what the node says instead. Alerts and answers are not lost to a template that does not fit them.
 * @throws SendError for any other message that it does not fit
 */
function filledOf(
  msg: Message,
  template: MessageTemplate | undefined,
  payload: unknown,
): { payload: unknown; fault?: SendError } {
  // A chat state or a subject on its own says nothing that could be put in other words.
  if (!template || (!isGiven(msg.payload) && !isGiven(msg.attachment))) return { payload };
  const found = template.fill((name) => (Object.hasOwn(msg, name) ? msg[name] : undefined));
  const isOfAlert = isGiven(msg.alertId) || typeof partOf(msg.alert).ok === 'boolean';
  // One that says nothing does not fit an alert, either.
  if ('text' in found) return { payload: isOfAlert && found.text === '' ? payload : found.text };
  const fault = new SendError('template', { why: found.error.text }, { cause: found.error });
  if (!isOfAlert) throw fault;
  return { payload, fault };
}

/** An alert's severity and name stand in its payload. */
function notifiedOf(msg: Message, subject: string | undefined): Notified {
  const { severity, key } = partOf(msg.payload);
  const about = typeof msg.topic === 'string' ? msg.topic : key;
  const short = (value: unknown) =>
    typeof value === 'string' && value !== '' ? value.slice(0, 500) : undefined;
  return { title: subject ?? short(about), severity: short(severity), topic: short(about) };
}

const partOf = (value: unknown): Message =>
  typeof value === 'object' && value !== null ? (value as Message) : {};

/**
 * Normalised addresses, each once. Text was typed by a person: a list with commas or line ends. In an array, and if it is
 * the message's own sender, an address is taken whole, whatever its nick contains.
 * @param xmpp `msg.xmpp` of the message.
 */
export function recipientsOf(value: unknown, xmpp?: unknown): string[] {
  const { from } = (typeof xmpp === 'object' && xmpp !== null ? xmpp : {}) as { from?: unknown };
  const isList = Array.isArray(value);
  const whole = (one: string): string | undefined =>
    isList || one === from || one === bareOf(String(from)) ? preparedAddress(one) : undefined;
  const jids = (isList ? value : [value]).flatMap((one) => {
    if (typeof one !== 'string') throw new SendError('receiver-type', { type: typeof one });
    const made = whole(one);
    if (made !== undefined) return [made];
    return entriesOf(one, RECIPIENT_SEPARATOR).map(recipientOf);
  });
  if (jids.length === 0) throw new SendError('receiver-missing');
  if (jids.length > MAX_RECIPIENTS) throw new SendError('receiver-many', { most: MAX_RECIPIENTS });
  return [...new Set(jids)];
}

function recipientOf(typed: string): string {
  const address = typedAddress(typed);
  if (!(address instanceof Fault)) return address;
  throw new SendError('receiver-jid', { jid: plain(typed), why: address.text });
}

/** True if there is a text to send. There has to be one if there is nothing else to send. */
function saysAnything(payload: unknown, hasMore: boolean): boolean {
  if (!isGiven(payload) && hasMore) return false;
  return true;
}

/**
 * The files of a message, and the payload as far as there is something to read. A Buffer with a file name is a file;
 * without one, its content says what people want of it.
 */
function contentsOf(
  msg: Message,
  { attachmentDir: folder, format, limits }: SendSettings,
  read: ReadText,
): { files: AttachmentSource[]; payload: unknown } {
  const name = typeof msg.filename === 'string' && msg.filename !== '' ? msg.filename : undefined;
  const most = limits.file;
  const files: AttachmentSource[] = [];
  let { payload } = msg;
  const source = { topic: msg.topic, contentType: msg.contentType };
  if (payload instanceof Uint8Array) {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const isFile = format === 'file' || name !== undefined || bytes.length === 0;
    const content = isFile ? fileOf(bytes, source) : contentOfBytes(bytes, source, limits, read);
    payload = content.kind === 'text' ? content.value : undefined;
    if (content.kind === 'file') files.push({ data: bytes, name: name ?? content.name, folder, most });
  } else if (typeof payload === 'string' && format !== 'file')
    payload = documentText(payload, limits, read) ?? payload;
  if (isGiven(msg.attachment)) {
    const several = Array.isArray(msg.attachment) ? msg.attachment : [msg.attachment];
    for (const data of several) {
      // A path has a name of its own.
      const isPath = typeof data === 'string' && !/^data:/i.test(data);
      files.push({ data, name: isPath ? undefined : name, folder, most });
    }
  }
  if (files.length > MAX_FILES) throw new SendError('attachment-many', { most: MAX_FILES });
  return { files, payload };
}

/** File name for the format `file`: the last level of the topic. */
function fileName({ topic, payload, filename }: Message): string {
  if (typeof filename === 'string' && filename !== '') return filename;
  const last = typeof topic === 'string' ? (topic.split('/').at(-1) ?? '').trim() : '';
  const isPlain = typeof payload !== 'object' || payload === null || 'text' in payload;
  return `${last === '' ? 'message' : last.slice(0, 60)}.${isPlain ? 'txt' : 'json'}`;
}

function replacesOf(value: unknown): string | { alertId: string } {
  if (typeof value === 'string') return idOf(value, 'replaces');
  const { alertId } = (typeof value === 'object' ? value : {}) as { alertId?: unknown };
  if (!isGiven(alertId)) throw new SendError('replaces');
  return { alertId: idOf(alertId, 'replaces') };
}

/**
 * What can be answered with one tap: texts, or `{value, label}`.
 * @throws SendError for anything else
 */
function responsesOf(given: unknown, legal: (raw: string) => string): SendRequest['responses'] {
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (all.length > MAX_RESPONSES) throw new SendError('responses', { most: MAX_RESPONSES });
  return all.map((one) => {
    const { value, label = value } = typeof one === 'string' ? { value: one } : partOf(one);
    if (!isLine(value, MAX_VALUE) || !isLine(label, MAX_LABEL))
      throw new SendError('responses', { most: MAX_RESPONSES });
    return { value: legal(value), label: legal(label) };
  });
}

const isLine = (text: unknown, most: number): text is string =>
  typeof text === 'string' && text.trim() !== '' && text.length <= most && !/[\n\r]/.test(text);

function hintsOf(value: unknown): SendRequest['hints'] {
  if (!isGiven(value)) return [];
  const named = Array.isArray(value) ? value : String(value).split(/[,\s]+/);
  return named.filter(isGiven).map((hint) => oneOf(hint, HINTS, 'hint'));
}

function oneOf<T extends string>(
  value: unknown,
  allowed: readonly T[],
  code: 'chat-state' | 'kind' | 'hint',
): T {
  const found = allowed.find((one) => one === value);
  if (found) return found;
  throw new SendError(code, { value: describe(value), allowed: allowed.join(', ') });
}

function textOf(value: unknown, property: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new SendError('property', { property, value: describe(value) });
}

function idOf(value: unknown, property: string): string {
  const id = textOf(value, property);
  if (id.length <= MAX_ID_LENGTH) return id;
  throw new SendError('property', { property, value: describe(id) });
}

function describe(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return `"${plain(String(value), 40)}"`;
  return value === null ? 'null' : typeof value;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** Fields of `xmpp-out`, read once. */
export interface SendSettings {
  /** Recipients as typed: JIDs with commas or line ends between them; empty: the message names them. */
  to: string;
  kind: ChatKind | 'auto';
  format: Format;
  /** What is said instead of the payload; undefined: the payload itself. */
  message?: MessageTemplate | undefined;
  /** True if nothing is said twice in a row to one recipient about one topic. @default false */
  onlyChanges?: boolean;
  /** Nick in rooms; empty: the name before the @ of the account. */
  nick: string;
  receipts: boolean;
  /** Most messages a minute to one recipient. */
  rate: number;
  /** True if persons are notified over MQTT. @default false */
  notify?: boolean;
  /** True if quick responses become links where no device shows buttons. @default false */
  links?: boolean;
  /** Milliseconds after which a notification is worth nothing. */
  notifyExpiry?: number;
  limits: ContentLimits;
  /** The only folder from which files are sent; empty: none is. */
  attachmentDir: string;
  problems: Problem[];
}
