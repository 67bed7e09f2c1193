/** A certificate for `localhost`, signed by itself and made anew at each start: nothing but this process trusts it. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

const DAY = 86_400_000;
/** Tags of ASN.1 (X.690 §8). */
const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One value in DER: tag, length, content. */
function der(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const hex = (text: string) => Buffer.from(text, 'hex');
const ECDSA_SHA256 = der(TAG.sequence, der(TAG.oid, hex('2a8648ce3d040302')));
const COMMON_NAME = der(TAG.oid, hex('550403'));
const ALT_NAME = der(TAG.oid, hex('551d11'));

/** `20260131235959Z` (RFC 5280 §4.1.2.5.2). */
function timeOf(at: number): Buffer {
  const text = new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return der(TAG.time, Buffer.from(`${text}Z`));
}

/** X.509 version 3 (RFC 5280 §4.1), valid from yesterday for ten years: nothing renews it while npm start runs. */
export function makeCertificate(domain: string, now: number): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(
    TAG.sequence,
    der(TAG.set, der(TAG.sequence, COMMON_NAME, der(TAG.utf8, Buffer.from(domain)))),
  );
  // A DNS name, within a list of names, within the octets of the extension.
  const altNames = der(TAG.octets, der(TAG.sequence, der(0x82, Buffer.from(domain))));
  const serial = randomBytes(16);
  // Positive, and without a leading zero.
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
  const content = der(
    TAG.sequence,
    der(0xa0, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, serial),
    ECDSA_SHA256,
    name,
    der(TAG.sequence, timeOf(now - DAY), timeOf(now + 3_650 * DAY)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(TAG.sequence, der(TAG.sequence, ALT_NAME, altNames))),
  );
  const signature = sign('sha256', content, privateKey);
  const whole = der(TAG.sequence, content, ECDSA_SHA256, der(TAG.bits, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
