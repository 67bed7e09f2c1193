/** Tells the type of a file by its first bytes. The name decides only if they do not. */
export interface MediaType {
  type: string;
  /** For a file without a name, without the dot. */
  extension: string;
}

/** Bytes of the beginning that are read. */
export const SNIFFED_BYTES = 4_096;

const BY_EXTENSION: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  m4a: 'audio/mp4',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  wav: 'audio/wav',
  xml: 'application/xml',
  zip: 'application/zip',
};

const UNKNOWN: MediaType = { type: 'application/octet-stream', extension: 'bin' };

/** @param head the file's first bytes, at least 16 where it has them. */
export function mediaType(head: Buffer, name = ''): MediaType {
  const known = byContent(head);
  if (known) return known;
  const extension = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const type = BY_EXTENSION[extension];
  if (type) return { type, extension };
  if (!isText(head)) return UNKNOWN;
  return /^\s*[{[]/.test(head.toString('latin1')) && isJson(head)
    ? { type: 'application/json', extension: 'json' }
    : { type: 'text/plain', extension: 'txt' };
}

function byContent(head: Buffer): MediaType | undefined {
  const ascii = (from: number, to: number): string => head.toString('latin1', from, to);
  const hex = head.toString('hex', 0, 8);
  if (hex === '89504e470d0a1a0a') return { type: 'image/png', extension: 'png' };
  if (hex.startsWith('ffd8ff')) return { type: 'image/jpeg', extension: 'jpg' };
  if (/^GIF8[79]a$/.test(ascii(0, 6))) return { type: 'image/gif', extension: 'gif' };
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return { type: 'image/webp', extension: 'webp' };
  if (ascii(0, 5) === '%PDF-') return { type: 'application/pdf', extension: 'pdf' };
  // ISO base media: the brand says which of them.
  if (ascii(4, 8) === 'ftyp') {
    const brand = ascii(8, 12);
    if (/^avi[fs]$/.test(brand)) return { type: 'image/avif', extension: 'avif' };
    if (/^(hei[cx]|mif1)$/.test(brand)) return { type: 'image/heic', extension: 'heic' };
    if (brand === 'M4A ') return { type: 'audio/mp4', extension: 'm4a' };
    return { type: 'video/mp4', extension: 'mp4' };
  }
  return undefined;
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
