/** One TCP or TLS connection that is asked a question and thrown away; nothing of it outlives `close`. */

import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { text } from '../../base/catalogue';
import { CodedError } from '../../base/coded-error';
import type { Text } from '../../base/text';
import { judgePeer } from '../../net/certificate-pins';
import type { TlsSettings } from '../../net/tls';
import type { TlsFault } from '../../net/tls-fault';
import { tlsFault } from '../../net/tls-fault';
import type { ProbeAnswer } from '../lookups';

type Failure = Extract<ProbeAnswer, { ok: false }>['failure'];

export class LineFault extends CodedError<Failure> {
  override readonly name = 'LineFault';
  constructor(
    code: Failure,
    text: Text,
    readonly address?: string,
  ) {
    super(code, text);
  }
}

export interface LineTarget {
  host: string;
  port: number;
  /** End of everything on this line, in milliseconds since 1970. */
  deadline: number;
  lookup?: LookupFunction | undefined;
  tls?:
    | {
        settings?: TlsSettings | undefined;
        /** Name for SNI; empty for an address. */
        servername: string;
        /** The name or address that the certificate must carry. */
        expected: string;
      }
    | undefined;
}

export interface Line {
  /** The address connected to. */
  readonly address: string;
  /** Fault of the certificate; absent if it is valid, or without TLS. */
  readonly fault?: TlsFault | undefined;
  /** True if the certificate is trusted by its fingerprint alone. */
  readonly pinned?: boolean | undefined;
  write(bytes: Buffer): void;
  /** The next bytes; undefined once the other side closed. */
  read(withinMs?: number): Promise<Buffer | undefined>;
  /** Closes the line, after `last` if it is still open. Idempotent. */
  close(last?: Buffer): void;
}

/** @throws LineFault if it cannot connect */
export async function openLine(target: LineTarget, signal: AbortSignal): Promise<Line> {
  signal.throwIfAborted();
  const socket = connect({
    host: target.host,
    port: target.port,
    // Node's 250 ms an address are too few for a line with several addresses and a slow one among them.
    autoSelectFamilyAttemptTimeout: 1_000,
    ...(target.lookup && { lookup: target.lookup }),
  });
  // Errors after this must not reach the process as an unhandled 'error'.
  socket.on('error', () => {});
  const destroyOnAbort = () => socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', destroyOnAbort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', destroyOnAbort));
  try {
    await happens(socket, 'connect', target.deadline).catch((error) => {
      throw connectFault(error, target);
    });
    const address = socket.remoteAddress ?? target.host;
    if (!target.tls) return new SocketLine(socket, address, target.deadline, undefined);
    const { settings = {}, servername, expected } = target.tls;
    const { pins: _, ...options } = settings;
    const secure = connectTls({
      ...options,
      socket,
      servername,
      // Nothing secret goes over this line: look at a bad certificate too, to be able to say what is wrong.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    secure.on('error', () => {});
    await happens(secure, 'secureConnect', target.deadline).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'DINOX_SILENT') {
        throw new LineFault('silent', text('net.silentTls'), address);
      }
      throw new LineFault(
        'tls',
        tlsFault(error.code ?? '', error.message, expected, undefined).text,
        address,
      );
    });
    const { fault, pinned } = judgePeer(secure, expected, settings);
    return new SocketLine(secure, address, target.deadline, fault, pinned);
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error;
  }
}

function happens(socket: Socket, event: 'connect' | 'secureConnect', deadline: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => end(Object.assign(new Error('no answer'), { code: 'DINOX_SILENT' })),
      Math.max(0, deadline - performance.now()),
    );
    const onEvent = () => end();
    const onError = (error: Error) => end(error);
    const onClose = () => end(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const end = (error?: Error) => {
      clearTimeout(timer);
      socket.off(event, onEvent).off('error', onError).off('close', onClose);
      if (error) reject(error);
      else resolve();
    };
    socket.on(event, onEvent).on('error', onError).on('close', onClose);
  });
}

/** Node reports a failure of several addresses as one AggregateError with the code of the first. */
function connectFault(error: NodeJS.ErrnoException, target: LineTarget): LineFault {
  const where = `${isIP(target.host) === 6 ? `[${target.host}]` : target.host}:${target.port}`;
  switch (error.code) {
    case 'DINOX_SILENT':
    case 'ETIMEDOUT':
      return new LineFault('silent', text('net.noAnswerFrom', { where }));
    case 'ECONNREFUSED':
      return new LineFault('closed', text('net.nothingListens', { where }));
    case 'ENOTFOUND':
    case 'ENODATA':
      return new LineFault('name', text('net.noHost', { host: target.host }));
    case 'EAI_AGAIN':
    case 'ESERVFAIL':
      return new LineFault('name', text('net.dnsSilent', { host: target.host }));
    default:
      return new LineFault(
        'network',
        text('net.unreachable', { where, reason: error.code ?? error.message }),
      );
  }
}

class SocketLine implements Line {
  private chunks: Buffer[] = [];
  private closed = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly socket: Socket,
    readonly address: string,
    private readonly deadline: number,
    readonly fault: TlsFault | undefined,
    readonly pinned?: boolean,
  ) {
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.wake?.();
    });
    const closed = () => {
      this.closed = true;
      this.wake?.();
    };
    socket.on('end', closed).on('close', closed);
    if (socket.destroyed) this.closed = true;
  }

  write(bytes: Buffer): void {
    if (!this.closed) this.socket.write(bytes);
  }

  async read(withinMs = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
    if (this.chunks.length === 0 && !this.closed) {
      const ms = Math.max(0, Math.min(withinMs, this.deadline - performance.now()));
      let timer: NodeJS.Timeout | undefined;
      const woken = await new Promise<boolean>((resolve) => {
        this.wake = () => resolve(true);
        timer = setTimeout(() => resolve(false), ms);
      });
      clearTimeout(timer);
      this.wake = undefined;
      if (!woken) {
        throw new LineFault('silent', text('net.silentMqtt'), this.address);
      }
    }
    return this.chunks.shift();
  }

  close(last?: Buffer): void {
    if (last && !this.closed) this.socket.end(last, () => this.socket.destroy());
    else this.socket.destroy();
  }
}
