import { text } from '../../base/catalogue';
import type { Text } from '../../base/text';
import { lineNotices } from '../../discovery/notices';
import type { LoginKind, Notice } from '../../discovery/types';
import type { ServerProfile } from '../../servers/profiles';
import type { Endpoint } from '../../servers/types';
import type { ConnectionCapabilities } from '../capabilities';

export interface ConnectedEndpoint {
  endpoint: Endpoint;
  /** The address actually connected to. */
  address: string | undefined;
  login: LoginKind;
}

/** A connection that has just come about. */
export interface NewConnection {
  /** The line; undefined over PubSub, where the XMPP session has its own. */
  line: ConnectedEndpoint | undefined;
  profile: ServerProfile;
  capabilities: ConnectionCapabilities;
  v5: boolean;
  /** False if a TLS configuration switched verification off. */
  verified: boolean;
  cleanSession: boolean;
  /** Session lifetime that was asked for, in seconds. */
  sessionExpiry: number | undefined;
  hasWill: boolean;
}

/** Notices about a connection that works. */
export function noticesOf(connected: NewConnection): Notice[] {
  const { line, profile, verified } = connected;
  const { address } = line ?? {};
  const about =
    line === undefined || address === undefined
      ? []
      : lineNotices({ ...line, address, serverType: profile.type, verify: verified });
  return [...about, ...sessionNotices(connected), ...willNotices(connected)];
}

function sessionNotices({ profile, capabilities, v5, cleanSession, sessionExpiry }: NewConnection): Notice[] {
  if (cleanSession && !sessionExpiry) return [];
  const { label } = profile;
  if (!capabilities.persistentSessions) {
    return [warning('session-none', text('mqtt.sessionNone', { server: label }))];
  }
  const kept = v5 ? (capabilities.sessionExpiry ?? sessionExpiry) : profile.sessionLimit;
  // MQTT 3.1.1 asks for a session without a length: for ever.
  const asked = v5 ? (sessionExpiry ?? 0) : Number.POSITIVE_INFINITY;
  if (kept === undefined || kept >= asked) return [];
  return [
    warning(
      'session-short',
      Number.isFinite(asked)
        ? text('mqtt.sessionShorter', { server: label, kept, asked })
        : text('mqtt.sessionShort', { server: label, kept }),
    ),
  ];
}

function willNotices({ line, profile, hasWill }: NewConnection): Notice[] {
  if (!hasWill || profile.capabilities.will) return [];
  if (line === undefined) return [warning('will-none', text('pubsub.willNone'))];
  return [warning('will-none', text('mqtt.willNone', { server: profile.label }))];
}

/** Notice: the server sent a malformed topic. */
export function malformedTopic(where: string): Notice {
  return warning('topic-malformed', text('mqtt.topicMalformed', { where }));
}

/** Notice: more comes than the flow can handle. */
export function congestion(): Notice {
  return warning('congested', text('mqtt.congested'));
}

/** Notice: a flow that acknowledges by hand does not do so. */
export function unacknowledged(): Notice {
  return warning('unacknowledged', text('mqtt.unacknowledged'));
}

function warning(code: string, note: Text): Notice {
  return { level: 'warning', code, text: note };
}
