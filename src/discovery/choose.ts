/** Chooses among the brokers that answered, and the login. */

import { text } from '../base/catalogue';
import type { Text } from '../base/text';
import { isLocalAddress } from '../net/locality';
import { endpointText, usesTls } from '../servers/endpoint';
import type { ServerType } from '../servers/types';
import type { Outcome, Usable } from './outcome';
import type { LoginKind, Question, Secrets } from './types';

/**
 * The type of a broker: the typed one, else MQTT's answer, else the answer of the account's XMPP server.
 * @param xmpp the answer over XMPP; undefined if it was not asked or did not say.
 */
export function serverTypeOf(
  { answer }: Usable,
  question: Question,
  xmpp: ServerType | undefined,
): ServerType {
  if (question.serverType !== 'auto') return question.serverType;
  const guess = answer.mqtt?.guess ?? 'unknown';
  return guess === 'unknown' ? (xmpp ?? 'mosquitto') : guess;
}

/**
 * The login for MQTT. Prosody's bridge never gets one. ejabberd knows XMPP accounts only, so the account's goes
 * first there; elsewhere a typed user does. A broker that lets everybody in is not given the account's password.
 * @param open true if an anonymous login was accepted.
 */
export function loginKindFor(
  serverType: ServerType,
  question: Question,
  secrets: Secrets,
  open: boolean,
): LoginKind {
  if (serverType === 'prosody') return 'none';
  const typed: LoginKind = (secrets.user ?? '') === '' ? 'none' : 'typed';
  const account = question.useXmppCredentials && question.jid !== undefined;
  if (serverType === 'ejabberd') return account ? 'account' : typed;
  if (typed === 'typed') return 'typed';
  return account && !open ? 'account' : 'none';
}

export interface Choice {
  chosen: Usable;
  serverType: ServerType;
  login: LoginKind;
  /** Reason for the choice. */
  reason: Text;
  /** Others that answered: `mqtt://example.org:1883 (ejabberd)`. */
  others: string[];
}

/**
 * Order of preference: TLS before clear text; SRV targets before guesses; among guesses the type of the
 * account's XMPP server; then the order in which they were found.
 * @returns undefined if none may be used.
 */
export function choose(
  outcomes: readonly Outcome[],
  question: Question,
  secrets: Secrets,
  xmpp: ServerType | undefined,
): Choice | undefined {
  const usable = outcomes.filter((outcome): outcome is Usable => outcome.kind === 'usable');
  const login = (one: Usable) =>
    loginKindFor(serverTypeOf(one, question, xmpp), question, secrets, one.answer.mqtt?.open ?? false);
  const allowed = usable.filter((one) => !one.candidate.fallback || mayFallBack(outcomes, login(one)));
  const wanted = question.serverType === 'auto' ? xmpp : question.serverType;
  const rank = ({ candidate, answer }: Usable): number => {
    const guess = answer.mqtt?.guess ?? 'unknown';
    const mismatch = wanted !== undefined && guess !== 'unknown' && guess !== wanted;
    const group = candidate.group === 'guess' ? 1 : 0;
    const weighs = group === 1 || question.serverType !== 'auto';
    return (usesTls(candidate.endpoint) ? 0 : 4) + group * 2 + (mismatch && weighs ? 1 : 0);
  };
  const [chosen, ...others] = allowed
    .map((one, index) => ({ one, index }))
    .sort((a, b) => rank(a.one) - rank(b.one) || a.index - b.index)
    .map(({ one }) => one);
  if (!chosen) return undefined;
  // One broker is often found under several names.
  const elsewhere = others.filter((other) => lineOf(other) !== lineOf(chosen));
  return {
    chosen,
    serverType: serverTypeOf(chosen, question, xmpp),
    login: login(chosen),
    reason: REASONS[chosen.candidate.group],
    others: elsewhere.map(name),
  };
}

const REASONS = {
  typed: text('discovery.asTyped'),
  srv: text('discovery.byDns'),
  guess: text('discovery.atServer'),
};

function lineOf({ candidate, answer }: Usable): string {
  return `${answer.address} ${candidate.endpoint.port}`;
}

function name({ candidate, answer }: Usable): string {
  const guess = answer.mqtt?.guess ?? 'unknown';
  return `${endpointText(candidate.endpoint)}${guess === 'unknown' ? '' : ` (${guess})`}`;
}

/**
 * Clear text instead of TLS, to a local address: only where nothing answers with TLS. An invalid
 * certificate is an answer; so is a broken handshake as soon as a password is at stake, because the attacker who
 * breaks it may want to read it.
 */
function mayFallBack(outcomes: readonly Outcome[], login: LoginKind): boolean {
  return !outcomes.some(
    ({ kind, candidate }) =>
      usesTls(candidate.endpoint) &&
      (kind === 'usable' || kind === 'certificate' || (kind === 'handshake' && login !== 'none')),
  );
}

/** True if the login would go in clear text to an address that is not local. */
export function isClearTextRisk({ chosen, login }: Choice): boolean {
  return login !== 'none' && !usesTls(chosen.candidate.endpoint) && !isLocalAddress(chosen.answer.address);
}
