import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { plain } from '../../base/printable';
import { mediaType, SNIFFED_BYTES } from '../payload/media-type';
import { SendError } from '../send-error';

/** A file that is ready to be uploaded. */
export interface Attachment {
  /** Without folders; at most 100 characters. */
  name: string;
  type: string;
  /** Size in bytes. */
  size: number;
  /** Its content, once. */
  open(): Readable;
  /** Closes the files that it holds open. */
  close(): Promise<void>;
}

export interface AttachmentSource {
  /** Buffer, Uint8Array, `data:` URL, a path, a readable stream, or an object `{data, name, type}` with one of them. */
  data: unknown;
  /** From `msg.filename`. */
  name?: string | undefined;
  /** The only folder from which files are sent; empty: none is. */
  folder: string;
  /** Largest size in bytes that this node sends. */
  most?: number;
}

/** A stream tells its length at its end, so it is kept in memory until then; more than this is refused. */
const STREAM_BYTES = 32 * 1024 * 1024;
const MAX_NAME_LENGTH = 100;

/**
 * Makes a file of what a flow hands over.
 * @param serverMost largest size in bytes; a stream is read no further.
 * @throws SendError `attachment-…`
 */
export async function attachmentOf(source: AttachmentSource, serverMost: number): Promise<Attachment> {
  const { data, ...named } = source;
  const most = Math.min(serverMost, named.most ?? serverMost);
  const inner = isPlainObject(data) && 'data' in data ? data : undefined;
  const name = text(inner?.name) ?? named.name;
  const type = text(inner?.type);
  const content = inner ? inner.data : data;
  if (Buffer.isBuffer(content) || content instanceof Uint8Array) {
    return ofBytes(Buffer.from(content.buffer, content.byteOffset, content.byteLength), name, type, most);
  }
  if (typeof content === 'string' && /^data:/i.test(content)) {
    const { bytes, type: own } = dataUrl(content);
    return ofBytes(bytes, name, type ?? own, most);
  }
  if (typeof content === 'string') return ofPath(content, named.folder, name, type, most);
  if (isStream(content))
    return ofBytes(await readAll(content, Math.min(most, STREAM_BYTES)), name, type, most);
  throw new SendError('attachment-type', { type: content === null ? 'null' : typeof content });
}

function ofBytes(
  bytes: Buffer,
  name: string | undefined,
  type: string | undefined,
  most: number,
): Attachment {
  checkSize(bytes.length, most);
  if (bytes.length === 0) throw new SendError('attachment-empty');
  return {
    ...described(bytes.subarray(0, SNIFFED_BYTES), name, type),
    size: bytes.length,
    open: () => Readable.from([bytes]),
    close: () => Promise.resolve(),
  };
}

async function ofPath(
  path: string,
  folder: string,
  name: string | undefined,
  type: string | undefined,
  most: number,
): Promise<Attachment> {
  const missing = (error: NodeJS.ErrnoException): never => {
    throw new SendError('attachment-missing', { path: plain(path), why: error.code ?? error.message });
  };
  if (folder === '') throw new SendError('attachment-folder', { path: plain(path) });
  if (path.includes('\0')) throw new SendError('attachment-outside', { path: plain(path), folder });
  const root = await realpath(folder).catch(() => {
    throw new SendError('attachment-root', { folder: plain(folder) });
  });
  // Links are followed first, so that none leads out of the folder.
  const real = await realpath(isAbsolute(path) ? path : join(root, path)).catch((error) => {
    // What is not there is not told apart outside of the folder: nobody is to feel around in the file system.
    const inside = isAbsolute(path) ? path : join(root, path);
    if (!isInside(inside, root) && !isInside(inside, folder)) {
      throw new SendError('attachment-outside', { path: plain(path), folder: plain(folder) });
    }
    return missing(error);
  });
  if (!isInside(real, root)) {
    throw new SendError('attachment-outside', { path: plain(path), folder: plain(folder) });
  }
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  const handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK).catch(missing);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new SendError('attachment-file', { path: plain(path) });
    checkSize(stat.size, most);
    if (stat.size === 0) throw new SendError('attachment-empty');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0);
    return {
      ...described(buffer.subarray(0, bytesRead), name ?? basename(real), type),
      size: stat.size,
      open: () => fileStream(handle, stat.size),
      close: () => handle.close().catch(() => {}),
    };
  } catch (error) {
    await handle.close().catch(() => {});
    throw error;
  }
}

/** Sends exactly the announced bytes, even if the file grows meanwhile. */
function fileStream(handle: FileHandle, size: number): Readable {
  return handle.createReadStream({ start: 0, end: size - 1, autoClose: false });
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function checkSize(size: number, most: number): void {
  if (size > most) throw new SendError('attachment-large', { bytes: size, most });
}

function described(
  head: Buffer,
  name: string | undefined,
  type: string | undefined,
): { name: string; type: string } {
  const clean = fileName(name);
  const found = mediaType(head, clean);
  const own =
    type !== undefined && /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(type) ? type.toLowerCase() : undefined;
  return { name: clean === '' ? `file.${found.extension}` : clean, type: own ?? found.type };
}

/** The last part of a path of any system, without what a server's file name could stumble over. */
function fileName(name = ''): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = last.replace(/[^\p{L}\p{N}._ -]/gu, '_').replace(/^\.+/, '');
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(clean)?.[0] ?? '';
  const most = MAX_NAME_LENGTH - extension.length;
  return [...clean.slice(0, clean.length - extension.length)].slice(0, most).join('') + extension;
}

function dataUrl(url: string): { bytes: Buffer; type: string | undefined } {
  const comma = url.indexOf(',');
  if (comma < 0) throw new SendError('attachment-data');
  const parameters = url.slice('data:'.length, comma).split(';');
  const content = url.slice(comma + 1);
  const type = parameters[0] === '' ? undefined : parameters[0];
  try {
    const isBase64 = parameters.slice(1).some((parameter) => parameter.trim().toLowerCase() === 'base64');
    if (!isBase64) return { bytes: percentDecoded(content), type };
    const plain = decodeURIComponent(content).replace(/\s+/g, '');
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(plain)) throw new SendError('attachment-data');
    return { bytes: Buffer.from(plain, 'base64'), type };
  } catch (cause) {
    throw new SendError('attachment-data', {}, { cause });
  }
}

/** `%ff` is a byte, whatever it would be as UTF-8. */
function percentDecoded(text: string): Buffer {
  const parts = text.split(/(%[0-9a-f]{2})/i);
  return Buffer.concat(
    parts.map((part, index) => (index % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part))),
  );
}

async function readAll(stream: AsyncIterable<unknown>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop destroys the stream.
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      if (!(bytes instanceof Uint8Array)) throw new SendError('attachment-type', { type: typeof chunk });
      size += bytes.length;
      checkSize(size, most);
      chunks.push(Buffer.from(bytes));
    }
  } catch (error) {
    if (error instanceof SendError) throw error;
    throw new SendError('attachment-stream', { why: plain((error as Error).message) }, { cause: error });
  }
  return Buffer.concat(chunks, size);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && !isStream(value);
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as AsyncIterable<unknown>)[Symbol.asyncIterator] === 'function'
  );
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
