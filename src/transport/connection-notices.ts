import { isLocalAddress } from '../servers/locality';
import type { ServerProfile } from '../servers/profiles';
import type { Endpoint, Notice } from '../servers/types';
import type { ConnectionCapabilities } from './capabilities';

/** A connection that has just come about. */
export interface Connected {
  endpoint: Endpoint;
  /** `mqtts://host:8883`. */
  where: string;
  /** The address that is really connected to; undefined where it is not known (WebSocket). */
  address: string | undefined;
  profile: ServerProfile;
  capabilities: ConnectionCapabilities;
  v5: boolean;
  /** False where a TLS configuration switched verification off. */
  verified: boolean;
  cleanSession: boolean;
  /** What was asked for, in seconds. */
  sessionExpiry: number | undefined;
  hasWill: boolean;
}

export function isEncrypted({ protocol }: Endpoint): boolean {
  return protocol === 'mqtts' || protocol === 'wss';
}

/** What a person should know of a connection that works. */
export function noticesOf(connected: Connected): Notice[] {
  return [...securityNotices(connected), ...sessionNotices(connected), ...willNotices(connected)];
}

function securityNotices({ endpoint, where, address, profile, verified }: Connected): Notice[] {
  const notices: Notice[] = [];
  const encrypted = isEncrypted(endpoint);
  if (encrypted && !verified) {
    notices.push(warning('tls-unverified', `The certificate of ${where} is not verified: the TLS configuration says so.`));
  }
  if (address === undefined || isLocalAddress(address)) return notices;
  if (profile.login === 'none') {
    notices.push(
      warning('bridge-open', `${profile.label}'s bridge at ${address} is not on a local network: anyone who reaches this port can read and write.`),
    );
  }
  if (!encrypted) {
    notices.push(warning('tls-off', `TLS is off towards ${address}, which is not a local address: everything can be read on the way.`));
  }
  return notices;
}

function sessionNotices({ profile, capabilities, v5, cleanSession, sessionExpiry }: Connected): Notice[] {
  if (cleanSession && !sessionExpiry) return [];
  const { label } = profile;
  if (!capabilities.persistentSessions) {
    return [warning('session-none', `${label} keeps no sessions: what is sent while this connection is away is not delivered later.`)];
  }
  const kept = v5 ? (capabilities.sessionExpiry ?? sessionExpiry) : profile.sessionLimit;
  // On 3.1.1 a session is asked for without a length: for ever.
  const asked = v5 ? (sessionExpiry ?? 0) : Number.POSITIVE_INFINITY;
  if (kept === undefined || kept >= asked) return [];
  const instead = Number.isFinite(asked) ? ` instead of the ${asked} s asked for` : '';
  return [
    warning('session-short', `${label} keeps the session for ${kept} s only${instead}: what is sent while this connection is away for longer is lost.`),
  ];
}

function willNotices({ profile, hasWill }: Connected): Notice[] {
  if (!hasWill || profile.capabilities.will) return [];
  return [warning('will-none', `${profile.label} never sends a will over MQTT: nobody is told when this connection breaks.`)];
}

function warning(code: string, text: string): Notice {
  return { level: 'warning', code, text };
}
