import { lineNotices } from '../../discovery/notices';
import type { LoginKind, Notice } from '../../discovery/types';
import type { ServerProfile } from '../../servers/profiles';
import type { Endpoint } from '../../servers/types';
import type { ConnectionCapabilities } from '../capabilities';

/** A connection that has just come about. */
export interface Connected {
  endpoint: Endpoint;
  /** The address that is really connected to. */
  address: string | undefined;
  login: LoginKind;
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

/** What a person should know of a connection that works. */
export function noticesOf(connected: Connected): Notice[] {
  const { endpoint, address, profile, login, verified } = connected;
  const line =
    address === undefined
      ? []
      : lineNotices({ endpoint, address, serverType: profile.type, login, verify: verified });
  return [...line, ...sessionNotices(connected), ...willNotices(connected)];
}

function sessionNotices({ profile, capabilities, v5, cleanSession, sessionExpiry }: Connected): Notice[] {
  if (cleanSession && !sessionExpiry) return [];
  const { label } = profile;
  if (!capabilities.persistentSessions) {
    return [
      warning(
        'session-none',
        `${label} keeps no sessions: what is sent while this connection is away is not delivered later.`,
      ),
    ];
  }
  const kept = v5 ? (capabilities.sessionExpiry ?? sessionExpiry) : profile.sessionLimit;
  // On 3.1.1 a session is asked for without a length: for ever.
  const asked = v5 ? (sessionExpiry ?? 0) : Number.POSITIVE_INFINITY;
  if (kept === undefined || kept >= asked) return [];
  const instead = Number.isFinite(asked) ? ` instead of the ${asked} s asked for` : '';
  return [
    warning(
      'session-short',
      `${label} keeps the session for ${kept} s only${instead}: what is sent while this connection is away for longer is lost.`,
    ),
  ];
}

function willNotices({ profile, hasWill }: Connected): Notice[] {
  if (!hasWill || profile.capabilities.will) return [];
  return [
    warning(
      'will-none',
      `${profile.label} never sends a will over MQTT: nobody is told when this connection breaks.`,
    ),
  ];
}

/** The server sent what no topic can be. */
export function malformedTopic(where: string): Notice {
  return warning(
    'topic-malformed',
    `${where} sent a message whose topic is empty or holds +, # or U+0000, which no topic may: such messages are left out.`,
  );
}

/** More comes than the flow can handle. */
export function congestion(): Notice {
  return warning(
    'congested',
    'More messages arrive than the flow can handle: Node-RED is more than a second behind. Reading pauses until it has caught up; at QoS 0 the server may drop what waits.',
  );
}

/** A flow that acknowledges by hand and does not. */
export function unacknowledged(): Notice {
  return warning(
    'unacknowledged',
    'More than 1000 messages wait for the flow to acknowledge them by hand: nothing more is read until it has. Send {action: "ack", ackId} to the mqtt in node for each, or set a time after which it acknowledges anyway (ackTimeout).',
  );
}

function warning(code: string, text: string): Notice {
  return { level: 'warning', code, text };
}
