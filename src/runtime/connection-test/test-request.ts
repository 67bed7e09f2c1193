import {
  type BrokerConfig,
  brokerConfig,
  type RawBroker,
  type RawCredentials,
} from '../config/broker-config';
import type { Problem } from '../config/raw-fields';

/** The dialog's request: its fields as they would be saved, and the passwords typed there. */
export interface DialogFields {
  id?: unknown;
  config?: unknown;
  credentials?: unknown;
}

/** A deployed broker. */
export interface SavedBroker {
  raw: RawBroker;
  credentials: RawCredentials;
}

export type ReadDialog =
  | {
      config: BrokerConfig;
      /** Id of the `tls-config`; empty without one. */
      tls: string;
    }
  /** `retype`: the stored password belongs to another account or another server. */
  | { error: 'body' | 'retype' }
  | ({ error: 'config' } & Pick<Problem, 'field'> & Partial<Problem>);

/** The editor's placeholder for a stored password, which it never sees. */
const STORED = '__PWRD__';
const PASSWORDS = ['password', 'mqttPassword'] as const;

/**
 * Reads the connection to test. A stored password replaces `__PWRD__` only if the dialog still means the same account
 * at the same server with the same protection: else an editor's user could have it sent to a server of theirs.
 */
export function readDialog(
  fields: DialogFields,
  saved: SavedBroker | undefined,
  expand: (raw: RawBroker) => RawBroker,
): ReadDialog {
  if (!isFields(fields) || !isFields(fields.config)) return { error: 'body' };
  const credentials = textsOf(isFields(fields.credentials) ? fields.credentials : {});
  const raw = expand(fields.config);
  const means = PASSWORDS.filter((name) => credentials[name] === STORED);
  if (means.length > 0) {
    if (!saved || destination(raw) !== destination(expand(saved.raw))) return { error: 'retype' };
    for (const name of means) {
      const stored = saved.credentials[name];
      if (stored) credentials[name] = stored;
      else delete credentials[name];
    }
  }
  // Node-RED does the same with credentials: only if the variable is all of it.
  for (const [name, value] of Object.entries(credentials)) {
    if (/^\$\{[^}]+\}$/.test(value))
      credentials[name as keyof RawCredentials] = String(expand({ value }).value);
  }
  const config = brokerConfig(raw, credentials);
  const [problem] = config.problems;
  if (problem) return { error: 'config', ...problem };
  if (config.unconfigured) return { error: 'config', field: 'jid' };
  return { config, tls: typeof raw.tls === 'string' ? raw.tls : '' };
}

const DESTINATION = [
  'host',
  'scheme',
  'port',
  'path',
  'usetls',
  'useXmppCredentials',
  'xmppService',
  'allowUnencrypted',
  'serverType',
] as const;

/** Destination of a password, and its protection on the way, as one text to compare. */
function destination(raw: RawBroker): string {
  const { question, trusted } = brokerConfig(raw);
  const fields = DESTINATION.map((name) => question[name]);
  // Trusting another certificate means another server.
  return JSON.stringify([question.jid?.bare, ...fields, raw.tls || '', trusted]);
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textsOf(credentials: Readonly<Record<string, unknown>>): RawCredentials {
  const texts: RawCredentials = {};
  for (const name of [...PASSWORDS, 'user'] as const) {
    const value = credentials[name];
    if (typeof value === 'string' && value !== '') texts[name] = value;
  }
  return texts;
}
