/** The chat of the demo: a Prosody where there is one, else the small server of this folder; on loopback only. */
import { randomBytes } from 'node:crypto';
import { makeCertificate } from './certificate';
import { findProsody, startProsody } from './prosody';
import type { ChatServer, ServerOptions } from './server';
import { startSmallServer } from './small-server';

export const DOMAIN = 'localhost';
export const BOT = 'home';
export const PERSON = 'you';

export interface Chat {
  readonly server: 'prosody' | 'small';
  /** Why a Prosody that is there does not run; undefined if it runs, or there is none. */
  readonly failure: string | undefined;
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  passwordOf(local: string): string;
  close(): Promise<void>;
}

export async function startChat(path = process.env.PATH): Promise<Chat> {
  const certificate = makeCertificate(DOMAIN, Date.now());
  const accounts = new Map([BOT, PERSON].map((local) => [local, randomBytes(18).toString('base64url')]));
  const options: ServerOptions = { domain: DOMAIN, certificate, accounts };
  const program = findProsody(path);
  let failure: string | undefined;
  let running: ChatServer | undefined;
  if (program !== undefined) {
    try {
      running = await startProsody(program, options);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  const { port, close } = running ?? (await startSmallServer(options));
  return {
    server: running ? 'prosody' : 'small',
    failure,
    port,
    ca: certificate.cert,
    passwordOf: (local) => accounts.get(local) ?? '',
    close,
  };
}
