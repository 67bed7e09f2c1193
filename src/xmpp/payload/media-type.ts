export interface MediaType {
  type: string;
  /** For a file without a name, without the dot. */
  extension: string;
}

/** Bytes of the beginning that are read. */
export const SNIFFED_BYTES = 4_096;

/** Types that only a name tells, or a beginning that is text. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  htm: 'text/html',
  html: 'text/html',
  json: 'application/json',
  m3u: 'audio/x-mpegurl',
  m3u8: 'application/vnd.apple.mpegurl',
  m4a: 'audio/mp4',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  pls: 'audio/x-scpls',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  wav: 'audio/wav',
  xml: 'application/xml',
  xspf: 'application/xspf+xml',
  zip: 'application/zip',
};

const UNKNOWN: MediaType = { type: 'application/octet-stream', extension: 'bin' };

/**
 * Tells the type of a file by its first bytes. The name decides only if they do not.
 * @param head the file's first bytes, at least 80 where it has them.
 */
export function mediaType(head: Buffer, name = ''): MediaType {
  const known = byContent(head);
  if (known) return known;
  const extension = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const type = BY_EXTENSION[extension];
  if (type) return { type, extension };
  if (!isText(head)) return UNKNOWN;
  const written = document(head);
  if (written) return written;
  return /^\s*[{[]/.test(head.toString('latin1')) && isJson(head)
    ? { type: 'application/json', extension: 'json' }
    : { type: 'text/plain', extension: 'txt' };
}

/** Beginnings, as hexadecimal digits with a dot for any digit. The first that fits counts. */
const SIGNATURES: readonly (readonly [start: RegExp, type: string, extension: string])[] = [
  [/^89504e470d0a1a0a/, 'image/png', 'png'],
  [/^ffd8ff/, 'image/jpeg', 'jpg'],
  [/^47494638(?:37|39)61/, 'image/gif', 'gif'],
  [/^52494646.{8}57454250/, 'image/webp', 'webp'],
  [/^49492a00|^4d4d002a/, 'image/tiff', 'tiff'],
  // The four bytes behind the size are reserved, and the header behind them has one of a few lengths.
  [/^424d.{8}0{8}.{8}(?:0c|28|38|40|6c|7c)0{6}/, 'image/bmp', 'bmp'],
  [/^52494646.{8}57415645/, 'audio/wav', 'wav'],
  [/^52494646.{8}41564920/, 'video/x-msvideo', 'avi'],
  [/^664c6143/, 'audio/flac', 'flac'],
  [/^494433/, 'audio/mpeg', 'mp3'],
  // A frame without tags: layer 3 (ISO/IEC 11172-3 §2.4.1.3), with a bit rate and a sampling rate that exist.
  [/^fff[23ab][1-9a-e][0-9ab]/, 'audio/mpeg', 'mp3'],
  [/^fff[0189]/, 'audio/aac', 'aac'],
  [/^2321414d52/, 'audio/amr', 'amr'],
  // Ogg: the first packet's name says whether somebody sees something.
  [/^4f676753.{48}(?:..){0,4}(?:807468656f7261|01766964656f)/, 'video/ogg', 'ogv'],
  [/^4f676753/, 'audio/ogg', 'ogg'],
  // EBML: the name of the document type stands near the beginning.
  [/^1a45dfa3(?:..){4,60}?4282..7765626d/, 'video/webm', 'webm'],
  [/^1a45dfa3/, 'video/x-matroska', 'mkv'],
  // ISO base media: the brand says which of them.
  [/^.{8}6674797061766966|^.{8}6674797061766973/, 'image/avif', 'avif'],
  [/^.{8}66747970(?:686569(?:63|78)|6d696631)/, 'image/heic', 'heic'],
  [/^.{8}667479704d34(?:41|42)20/, 'audio/mp4', 'm4a'],
  [/^.{8}6674797071742020/, 'video/quicktime', 'mov'],
  [/^.{8}66747970336770/, 'video/3gpp', '3gp'],
  [/^.{8}66747970/, 'video/mp4', 'mp4'],
  [/^000001ba/, 'video/mpeg', 'mpg'],
  [/^255044462d/, 'application/pdf', 'pdf'],
  [/^504b(?:0304|0506)/, 'application/zip', 'zip'],
  [/^1f8b08/, 'application/gzip', 'gz'],
  [/^377abcaf271c/, 'application/x-7z-compressed', '7z'],
];
/** Bytes that the signatures look at. */
const SIGNED_BYTES = 80;

/** Beginnings of documents that are text. */
const DOCUMENTS: readonly (readonly [start: RegExp, type: string, extension: string])[] = [
  [/^<!doctype html|^<html[\s>]/i, 'text/html', 'html'],
  [/^(?:<\?xml[^>]{0,200}>\s*)?<svg[\s>]/i, 'image/svg+xml', 'svg'],
  [/^#EXTM3U/i, 'audio/x-mpegurl', 'm3u'],
  [/^\[playlist\]/i, 'audio/x-scpls', 'pls'],
  [/^(?:<\?xml[^>]{0,200}>\s*)?<playlist\s[^>]{0,200}xspf\.org\/ns\//i, 'application/xspf+xml', 'xspf'],
];

function byContent(head: Buffer): MediaType | undefined {
  const hex = head.toString('hex', 0, SIGNED_BYTES);
  const found = SIGNATURES.find(([start]) => start.test(hex));
  return found && { type: found[1], extension: found[2] };
}

function document(head: Buffer): MediaType | undefined {
  const start = head
    .toString('latin1', 0, 1_000)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  const found = DOCUMENTS.find(([begin]) => begin.test(start));
  return found && { type: found[1], extension: found[2] };
}

/** True for the beginning of a whole page, not of a piece of one. */
export function isHtmlPage(text: string): boolean {
  return document(Buffer.from(text.slice(0, 1_000)))?.extension === 'html';
}

/** UTF-8 without control characters; the last character of the head may be cut in the middle. */
function isText(head: Buffer): boolean {
  if (head.length === 0) return true;
  const sample = head.subarray(0, SNIFFED_BYTES);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(sample.toString('latin1'))) return false;
  return [0, 1, 2, 3].some((less) => {
    const end = sample.length - less;
    return end > 0 && (less === 0 || head.length >= SNIFFED_BYTES) && isUtf8(sample.subarray(0, end));
  });
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A head that was cut off is taken at its word. */
function isJson(head: Buffer): boolean {
  if (head.length >= SNIFFED_BYTES) return true;
  try {
    JSON.parse(head.toString());
    return true;
  } catch {
    return false;
  }
}
