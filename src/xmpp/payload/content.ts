/** What a payload is for people in a chat: something to read, or a file. */

import { isUtf8 } from 'node:buffer';
import { text as catalogued } from '../../base/catalogue';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import type { ReadText } from '../../base/translate';
import { isXmlText } from '../../base/xml-text';
import { UnreadableError } from './byte-reader';
import { isSelfDescribedCbor, readCbor } from './cbor';
import { isHtmlPage, mediaType } from './media-type';
import { readMessagePack } from './messagepack';
import { playlistOf } from './playlist';

/** Limits of what somebody else has written, in bytes. */
export interface ContentLimits {
  /** The longest text that is said. */
  text: number;
  /** The largest file. */
  file: number;
  /** The largest JSON, CBOR, MessagePack or playlist that is read. */
  parsed: number;
}

export type Content =
  /** Text as it is written, or a value that is to be made readable. */
  { kind: 'text'; value: unknown } | { kind: 'file'; data: Buffer; name: string; type: string };

export interface ContentSource {
  topic: unknown;
  /** What the publisher calls it (MQTT 5 §3.3.2.3.9). */
  contentType?: unknown;
}

/** Digits that a number of JavaScript does not keep. */
const LONG_NUMBER = /\d{16}/;
/** JSON that is nested deeper stays as it was written. */
const MAX_JSON_DEPTH = 30;
const MAX_NAME_LENGTH = 60;

/** Bytes as people want them: text is read, data is made readable, and all else is a file with the right type and name. */
export function contentOfBytes(
  bytes: Buffer,
  source: ContentSource,
  limits: ContentLimits,
  read: ReadText,
): Content {
  const text = textOf(bytes);
  if (text !== undefined) {
    return { kind: 'text', value: documentText(text, limits, read) ?? jsonValue(text, limits) ?? text };
  }
  const value = bytes.length <= limits.parsed ? packedValue(bytes, source.contentType) : undefined;
  return value === undefined || value === null ? fileOf(bytes, source) : { kind: 'text', value };
}

/** The text that bytes are; undefined where no chat could carry it, because they are something else. */
export function textOf(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  return isXmlText(text) ? text : undefined;
}

/** What is said instead of a whole HTML page or playlist; undefined for any other text. */
export function documentText(text: string, limits: ContentLimits, read: ReadText): string | undefined {
  // Most values: nothing else is looked at.
  if (text.length < 10 || !/^[\s\uFEFF]*[<#[]/.test(text.slice(0, 100))) return undefined;
  if (isHtmlPage(text)) {
    const title = /<title[^<>]{0,100}>([^<]{1,200})<\/title/i.exec(text.slice(0, 8_192))?.[1]?.trim() ?? '';
    const size = sizeText(Buffer.byteLength(text));
    return read(
      title === ''
        ? catalogued('content.html', { size })
        : catalogued('content.htmlTitle', { size, title: plain(title, 200) }),
    );
  }
  const list = text.length <= limits.parsed ? playlistOf(text) : undefined;
  if (!list) return undefined;
  const { title, url, count } = list;
  const first = [plain(title, 200), url].filter((part) => part !== '').join('\n');
  return (
    read(catalogued(count > 1 ? 'content.playlistMore' : 'content.playlist', { count })) +
    (first && `\n${first}`)
  );
}

/** A JSON object or array as its value; undefined for all else, and where its value would say less than its text. */
function jsonValue(text: string, limits: ContentLimits): object | undefined {
  if (!/^\s{0,100}[{[]/.test(text) || text.length > limits.parsed || LONG_NUMBER.test(text)) return undefined;
  if (depthOf(text) > MAX_JSON_DEPTH) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** How deep a JSON text is nested. */
export function depthOf(json: string): number {
  let [depth, deepest, inText] = [0, 0, false];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (inText && character === '\\') at += 1;
    else if (character === '"') inText = !inText;
    else if (inText) continue;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}

/**
 * CBOR or MessagePack; undefined for all else. Any few bytes are some number in both: without a word of the publisher
 * only a whole object counts, or a list that holds one.
 */
function packedValue(bytes: Buffer, contentType: unknown): unknown {
  const said = typeof contentType === 'string' ? contentType.toLowerCase() : '';
  if (/^application\/(?:[\w.-]+\+)?cbor\b/.test(said)) return attempt(readCbor, bytes);
  if (/^application\/(?:x-|vnd\.)?(?:msgpack|messagepack)\b/.test(said))
    return attempt(readMessagePack, bytes);
  if (isSelfDescribedCbor(bytes)) return attempt(readCbor, bytes);
  const candidates = [attempt(readCbor, bytes), attempt(readMessagePack, bytes)];
  return (
    candidates.find(isRecord) ?? candidates.find((value) => Array.isArray(value) && value.some(isRecord))
  );
}

function attempt(read: (bytes: Buffer) => unknown, bytes: Buffer): unknown {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}

/** An object whose members have names that somebody gave them, not numbers only. */
function isRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const names = Object.keys(value);
  const areNames = names.every((name) => name !== '' && plain(name, 100) === name);
  return areNames && names.some((name) => !/^-?\d+$/.test(name));
}

/** A payload as a file: the type by its first bytes, the name by the last level of its topic. */
export function fileOf(bytes: Buffer, { topic }: ContentSource): Content & { kind: 'file' } {
  const last = typeof topic === 'string' ? (topic.split('/').at(-1) ?? '') : '';
  const clean = last
    .replace(/[^\w.-]+/g, '_')
    .replace(/^\.+/, '')
    .slice(0, MAX_NAME_LENGTH);
  const { type, extension } = mediaType(bytes.subarray(0, 4_096), clean);
  const stem = clean === '' ? 'message' : clean;
  // A name that fits stays as it is: `front.jpeg`, `plan.v2.pdf`.
  const own = /\.([a-z0-9]{1,5})$/i.exec(stem)?.[1]?.toLowerCase();
  const isFitting =
    own === extension ||
    (own === 'jpeg' && extension === 'jpg') ||
    (own !== undefined && extension === 'bin' && /[a-z]/.test(own));
  return { kind: 'file', data: bytes, name: isFitting ? stem : `${stem}.${extension}`, type };
}

/** What is said instead of a file that is too large. */
export function tooLarge({ type, data }: Content & { kind: 'file' }, most: number): Text {
  return catalogued('content.large', { type, size: sizeText(data.length), most: sizeText(most) });
}

/** `850 B`, `12 kB`, `1.2 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
