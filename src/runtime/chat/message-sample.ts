import { isUtf8 } from 'node:buffer';
import type { ReadText } from '../../base/translate';
import type { MessageTemplate } from '../../homeassistant/templates/message-template';
import type { UpstreamMessage } from '../../recorder/upstream-topics';
import { SendError } from '../../xmpp/send-error';
import { FORMATS, type Format } from '../../xmpp/sending/text-format';
import type { SendSettings } from './chat-request';
import { requestOf } from './chat-request';

/** The parts of a flow's message that are needed to show it in another format. */
export interface MessageSample {
  payload: unknown;
  topic?: string;
  unit?: string;
  filename?: string;
  /** What a template may ask for beside these. */
  more?: Readonly<Record<string, string | number | boolean>>;
  /** Number of files that went with it. */
  files: number;
  /** Milliseconds since the epoch; absent for a made-up one. */
  at?: number;
}

/** A message as the phone shows it. Texts come from messages, and may hold anything. */
export interface MessagePreview {
  text?: string;
  /** The payload itself goes as a file; its beginning is shown. */
  file?: { name: string; bytes: number; text: string };
  /** The reason why it cannot be sent. */
  error?: Pick<SendError, 'code' | 'text'>;
}

const MAX_TEXT_LENGTH = 4_000;
const MAX_WORD_LENGTH = 500;
const MAX_JSON_LENGTH = 20_000;
const MAX_MORE = 20;
/** Fields of a message that say how it is to be sent, and those that a sample has already. */
const SENDING = new Set([
  '_msgid',
  'to',
  'kind',
  'payload',
  'topic',
  'unit',
  'filename',
  'attachment',
  'contentType',
  'thread',
  'subject',
  'replaces',
  'alertId',
  'chatState',
  'hints',
]);
/** What a flow calls such is for no dialog to show. */
const SECRET = /passw|passphrase|secret|token|credential|authori[sz]ation|cookie|api_?key/i;
/** A sample is within them already. */
const PREVIEWED = { text: Number.POSITIVE_INFINITY, file: Number.POSITIVE_INFINITY, parsed: MAX_JSON_LENGTH };

/** What came last on the topics that lead to a node, as `dinox-mqtt-in` hands it on; undefined: nothing of use. */
export function upstreamSample(last: UpstreamMessage | undefined): MessageSample | undefined {
  if (!last || last.payload.length > MAX_JSON_LENGTH || !isUtf8(last.payload)) return undefined;
  const said = last.payload.toString();
  const sample = { topic: last.topic, files: 0, ...(last.at > 0 && { at: last.at }) };
  try {
    return { ...sample, payload: JSON.parse(said) };
  } catch {
    return { ...sample, payload: said };
  }
}

/** Sample for a node that has had no message yet. */
export const MADE_UP: MessageSample = {
  payload: { value: 22.1, unit: '°C' },
  topic: 'home/kitchen/temperature',
  files: 0,
};

/** Copies the parts of a message that a preview needs, bounded; undefined if its payload cannot be kept. */
export function sampleOf(msg: Readonly<Record<string, unknown>>, at: number): MessageSample | undefined {
  const payload = keptPayload(msg.payload);
  const { attachment } = msg;
  const files = Array.isArray(attachment) ? attachment.length : attachment == null ? 0 : 1;
  if (payload === undefined && files === 0) return undefined;
  const word = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? value.slice(0, MAX_WORD_LENGTH) : undefined;
  const [topic, unit, filename] = [word(msg.topic), word(msg.unit), word(msg.filename)];
  return {
    payload,
    ...(topic !== undefined && { topic }),
    ...(unit !== undefined && { unit }),
    ...(filename !== undefined && { filename }),
    ...moreOf(msg),
    files: files + (msg.payload instanceof Uint8Array && payload === '' ? 1 : 0),
    at,
  };
}

/** Words and numbers beside the payload: the name, the room and the device of an entity, for example. */
function moreOf(msg: Readonly<Record<string, unknown>>): Pick<MessageSample, 'more'> {
  const more: [string, string | number | boolean][] = [];
  for (const [name, value] of Object.entries(msg)) {
    if (SENDING.has(name) || SECRET.test(name) || more.length >= MAX_MORE) continue;
    if (typeof value === 'string') more.push([name, value.slice(0, MAX_WORD_LENGTH)]);
    else if (typeof value === 'number' || typeof value === 'boolean') more.push([name, value]);
  }
  return more.length > 0 ? { more: Object.fromEntries(more) } : {};
}

/** Accepts any payload: the message goes on to be sent, and its errors are reported there. */
function keptPayload(payload: unknown): unknown {
  if (typeof payload === 'string') return payload.slice(0, MAX_TEXT_LENGTH);
  // A copy, because the flow may change it afterwards.
  if (payload instanceof Uint8Array) return payload.length <= MAX_JSON_LENGTH ? Buffer.from(payload) : '';
  if (typeof payload !== 'object' || payload === null) return payload;
  try {
    if (payload instanceof Date || payload instanceof Error) return String(payload).slice(0, MAX_TEXT_LENGTH);
    // A copy, because the flow may change the object afterwards.
    const json = JSON.stringify(payload);
    return json.length <= MAX_JSON_LENGTH ? JSON.parse(json) : undefined;
  } catch {
    return undefined;
  }
}

/** The sample in every format, made by the code that sends. */
export function previewsOf(
  sample: MessageSample,
  read: ReadText,
  message?: MessageTemplate,
): Record<Format, MessagePreview> {
  return Object.fromEntries(
    FORMATS.map((format) => [format, previewOf(sample, format, read, message)]),
  ) as Record<Format, MessagePreview>;
}

function previewOf(
  { payload, files, at: _at, more, ...rest }: MessageSample,
  format: Format,
  read: ReadText,
  message: MessageTemplate | undefined,
): MessagePreview {
  // A picture alone: there is no text.
  if (files > 0 && (payload === undefined || payload === '')) return {};
  const settings: SendSettings = {
    ...{ to: 'anna@example.org', kind: 'auto', format, nick: '', receipts: false, rate: 1 },
    attachmentDir: '',
    limits: PREVIEWED,
    problems: [],
    message,
  };
  try {
    const { request } = requestOf({ ...more, ...rest, payload }, settings, read);
    const [file] = request.files;
    if (file?.data instanceof Uint8Array) {
      const { data, name = '' } = file;
      const text = isUtf8(data) ? Buffer.from(data).toString().slice(0, MAX_TEXT_LENGTH) : '';
      return { file: { name, bytes: data.length, text } };
    }
    const { text = '' } = request;
    return { text: text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text };
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return { error: { code: error.code, text: error.text } };
  }
}
