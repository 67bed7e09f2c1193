/** What the two servers of the demo have in common. */
import type { Certificate } from './certificate';

/** A server with TLS from the first byte, on 127.0.0.1. */
export interface ChatServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly domain: string;
  readonly certificate: Certificate;
  /** Passwords by the local part of the account. */
  readonly accounts: ReadonlyMap<string, string>;
}
