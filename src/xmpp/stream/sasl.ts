/**
 * The login methods (RFC 4616, RFC 5802, RFC 7677) for @xmpp/client. The library's own SCRAM takes a second of CPU for
 * what PBKDF2 does in milliseconds, and believes every server. Like its PLAIN, it cannot write characters outside of
 * Latin-1.
 */

import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Client, Element, SaslMechanism } from '@xmpp/client';
import { text } from '../../base/catalogue';
import { XmppError } from '../errors';
import { NS } from '../namespaces';

/** Far above what servers ask for (4,096 to 100,000), and done in a second or two. */
const MAX_ITERATIONS = 1_000_000;
const derive = promisify(pbkdf2);

interface Credentials {
  username?: string;
  password?: string;
}

/**
 * Puts our methods in the place of the library's, the strongest first. `fail` is called if the server does not prove
 * that it knows the password.
 */
export function useSasl(client: Client, fail: (error: XmppError) => void): void {
  let scram: Scram | undefined;
  const methods = ['sha512', 'sha256', 'sha1'] as const;
  const made = methods.map((hash) => ({
    name: `SCRAM-${hash.toUpperCase().replace('SHA', 'SHA-')}`,
    mech: class extends Scram {
      override readonly name = `SCRAM-${hash.toUpperCase().replace('SHA', 'SHA-')}`;
      constructor() {
        super(hash);
        scram = this;
      }
    },
  }));
  client.saslFactory._mechs = [...made, { name: 'PLAIN', mech: Plain }];
  client.prependListener('element', (element: Element) => {
    if (!element.is('success', NS.sasl) || !scram) return;
    try {
      scram.final(Buffer.from(element.text(), 'base64').toString());
    } catch (error) {
      fail(error as XmppError);
    }
  });
}

/** Bytes as the library takes them: it writes base64 of characters below 256. */
function octets(text: string): string {
  return Buffer.from(text).toString('latin1');
}

class Plain implements SaslMechanism {
  readonly name = 'PLAIN';
  readonly clientFirst = true;

  response({ username = '', password = '' }: Credentials): string {
    return octets(`\0${username}\0${password}`);
  }

  challenge(): void {}
}

class Scram implements SaslMechanism {
  readonly clientFirst = true;
  readonly name: string = 'SCRAM';
  private readonly nonce = randomBytes(18).toString('base64');
  private first = '';
  private lastChallenge: string | undefined;
  private expected: Buffer | undefined;
  private verified = false;

  constructor(private readonly hash: 'sha1' | 'sha256' | 'sha512') {}

  async response({ username = '', password = '' }: Credentials): Promise<string> {
    if (this.first === '') {
      const name = prepared(username).replaceAll('=', '=3D').replaceAll(',', '=2C');
      this.first = `n=${name},r=${this.nonce}`;
      return octets(`n,,${this.first}`);
    }
    if (this.lastChallenge === undefined) return '';
    const challenge = this.lastChallenge;
    this.lastChallenge = undefined;
    const { r: nonce = '', s: salt = '', i: count = '' } = fields(challenge);
    const iterations = Number(count);
    if (!nonce.startsWith(this.nonce) || salt === '' || !(iterations > 0 && iterations <= MAX_ITERATIONS)) {
      throw new XmppError('protocol', text('xmpp.oddAnswer'));
    }
    const salted = await derive(
      prepared(password),
      Buffer.from(salt, 'base64'),
      Math.floor(iterations),
      createHash(this.hash).digest().length,
      this.hash,
    );
    const clientKey = this.hmac(salted, 'Client Key');
    // `biws` is `n,,`: no channel binding.
    const final = `c=biws,r=${nonce}`;
    const all = `${this.first},${challenge},${final}`;
    const signature = this.hmac(createHash(this.hash).update(clientKey).digest(), all);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    this.expected = this.hmac(this.hmac(salted, 'Server Key'), all);
    return octets(`${final},p=${Buffer.from(proof).toString('base64')}`);
  }

  /** @param text characters below 256, as the library reads base64. */
  challenge(text: string): void {
    const message = Buffer.from(text, 'latin1').toString();
    if (this.expected) this.verify(message);
    else this.lastChallenge = message;
  }

  /** The server's last word: its signature, unless that came in a challenge before. */
  final(message: string): void {
    if (!this.verified) this.verify(message);
  }

  private verify(message: string): void {
    const got = Buffer.from(fields(message).v ?? '', 'base64');
    this.verified = this.expected?.length === got.length && timingSafeEqual(this.expected, got);
    if (this.verified) return;
    throw new XmppError('protocol', text('xmpp.unproven'));
  }

  private hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.hash, key).update(text).digest();
  }
}

/** SASLprep (RFC 4013) in what people type: other spaces become a space, compatibility characters the plain ones. */
function prepared(text: string): string {
  return text
    .replace(/\p{Zs}/gu, ' ')
    .replace(/\u00ad/g, '')
    .normalize('NFKC');
}

/** `r=…,s=…,i=…` */
function fields(message: string): Record<string, string> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
