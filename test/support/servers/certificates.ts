/** A certificate authority for tests, made anew for every process with the openssl command. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { ownFolder } from './process';

export interface Certificate {
  /** PEM files: the certificate, followed by its CA where it has one, and the unencrypted key. */
  readonly certFile: string;
  readonly keyFile: string;
  /** The texts of the two files. */
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  /** DNS names and IP addresses, all written into subjectAltName. */
  readonly names: readonly string[];
  /** @default a day ago */
  readonly notBefore?: Date;
  /** @default a year from now */
  readonly notAfter?: Date;
  /** Signed by itself instead of by the CA. @default false */
  readonly selfSigned?: boolean;
}

export interface Certificates {
  /** The CA's certificate, as a file and as text: what a client has to trust. */
  readonly caFile: string;
  readonly ca: string;
  /** localhost, dinox.test, *.dinox.test, 127.0.0.1, ::1 */
  readonly good: Certificate;
  /** elsewhere.test only */
  readonly otherName: Certificate;
  /** The names of `good`, valid until yesterday. */
  readonly expired: Certificate;
  /** localhost, dinox.test, 127.0.0.1, ::1, not from the CA. */
  readonly selfSigned: Certificate;
  issue(options: IssueOptions): Certificate;
}

const DAY_MS = 86_400_000;
const GOOD_NAMES = ['localhost', 'dinox.test', '*.dinox.test', '127.0.0.1', '::1'];

/** `20260131235959Z`, as `openssl ca` wants it. */
function asn1Time(date: Date): string {
  return `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
}

function openssl(folder: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

const CA_CONFIG = `[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
[any]
commonName = supplied
`;

function makeAuthority(): Certificates {
  const folder = ownFolder('/tmp');
  writeFileSync(join(folder, 'ca.cnf'), CA_CONFIG);
  writeFileSync(join(folder, 'index.txt'), '');
  writeFileSync(join(folder, 'serial'), '1000\n');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(folder, [
    ...['req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem'],
    ...['-days', '3650', '-subj', '/CN=DinoX test authority'],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  ]);
  const caFile = join(folder, 'ca.pem');
  const ca = readFileSync(caFile, 'utf8');
  let count = 0;

  const issue = (options: IssueOptions): Certificate => {
    const name = `leaf${++count}`;
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    const now = Date.now();
    const notBefore = options.notBefore ?? new Date(now - DAY_MS);
    const notAfter = options.notAfter ?? new Date(now + 365 * DAY_MS);
    const altNames = options.names.map((entry) => (isIP(entry) ? `IP:${entry}` : `DNS:${entry}`)).join(',');
    writeFileSync(
      join(folder, `${name}.ext`),
      `subjectAltName = ${altNames}\nbasicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth\n`,
    );
    const subject = `/CN=${options.names[0] ?? 'nobody'}`;
    openssl(folder, [
      'req',
      '-new',
      ...newKey,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      subject,
    ]);
    openssl(folder, [
      ...['ca', '-batch', '-notext', '-config', 'ca.cnf', '-in', `${name}.csr`, '-out', `${name}.pem`],
      ...['-startdate', asn1Time(notBefore), '-enddate', asn1Time(notAfter), '-extfile', `${name}.ext`],
      ...(options.selfSigned
        ? ['-selfsign', '-keyfile', `${name}.key`]
        : ['-cert', 'ca.pem', '-keyfile', 'ca.key']),
    ]);
    if (!options.selfSigned) writeFileSync(certFile, readFileSync(certFile, 'utf8') + ca);
    // Servers run as users of their own; these keys protect nothing.
    chmodSync(keyFile, 0o644);
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  };

  const yesterday = new Date(Date.now() - DAY_MS);
  return {
    caFile,
    ca,
    good: issue({ names: GOOD_NAMES }),
    otherName: issue({ names: ['elsewhere.test'] }),
    expired: issue({
      names: GOOD_NAMES,
      notBefore: new Date(yesterday.getTime() - 30 * DAY_MS),
      notAfter: yesterday,
    }),
    selfSigned: issue({ names: ['localhost', 'dinox.test', '127.0.0.1', '::1'], selfSigned: true }),
    issue,
  };
}

let authority: Certificates | undefined;

/** The authority of this process and its ready-made certificates. */
export function certificates(): Certificates {
  authority ??= makeAuthority();
  return authority;
}
