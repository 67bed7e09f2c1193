/** Judges the answer of one endpoint: usable, or the reason why not. */

import { text } from '../base/catalogue';
import type { Text } from '../base/text';
import { isLocalAddress } from '../net/locality';
import { type TlsFault, tlsAdvice } from '../net/tls-fault';
import { usesTls } from '../servers/endpoint';
import type { Candidate } from './candidates';
import { accountDomain, type Context } from './context';
import type { ProbeAnswer } from './lookups';

type Answered = Extract<ProbeAnswer, { ok: true }>;

interface Common {
  candidate: Candidate;
  /** The consequence, as a clause for the steps. */
  text: Text;
}

export type Outcome = Common &
  (
    | { kind: 'usable'; answer: Answered }
    /** Only DNS or a server named it, and it did not prove itself. */
    | { kind: 'unconfirmed'; answer: Answered }
    /** An invalid certificate. */
    | { kind: 'certificate'; answer: Answered; fault: TlsFault; advice: Text }
    /** Accepts connections, but not TLS. */
    | { kind: 'handshake' }
    /** Without TLS and not local, although TLS is asked for. */
    | { kind: 'clear-text'; answer: Answered }
    /** Nothing usable there. */
    | { kind: 'nothing' }
  );

export type Usable = Extract<Outcome, { kind: 'usable' }>;

export function judge(context: Context, candidate: Candidate, answer: ProbeAnswer): Outcome {
  const { lookups, question } = context;
  const { endpoint, trust } = candidate;
  const { host } = endpoint;
  if (!answer.ok) {
    const kind = answer.failure === 'tls' ? 'handshake' : 'nothing';
    return { kind, candidate, text: text('discovery.notUsable') };
  }
  const domain = accountDomain(question) ?? '';
  if (trust === 'named' && !usesTls(endpoint)) {
    return { kind: 'unconfirmed', candidate, answer, text: text('discovery.unprovenClear', { host }) };
  }
  const fault = answer.tls?.fault;
  if (fault) {
    if (trust === 'named') {
      const why = text('discovery.unproven', { host, domain, text: fault.text });
      return { kind: 'unconfirmed', candidate, answer, text: why };
    }
    if (lookups.verify) {
      const advice = tlsAdvice(fault, candidate.servernames[0] ?? host);
      const why = text('discovery.notUsableBecause', { text: fault.text });
      return { kind: 'certificate', candidate, answer, fault, advice, text: why };
    }
  }
  if (candidate.fallback && !isLocalAddress(answer.address)) {
    const why = text('discovery.clearRemote', { address: answer.address });
    return { kind: 'clear-text', candidate, answer, text: why };
  }
  return { kind: 'usable', candidate, answer, text: proof(candidate, answer, domain) };
}

function proof({ trust, endpoint, fallback }: Candidate, { tls }: Answered, domain: string): Text {
  if (fallback) return text('discovery.clearLocal');
  if (tls && !tls.fault && tls.pinned) return text('discovery.usablePinned');
  if (trust === 'typed') return text('discovery.usableTyped');
  if (trust === 'named') return text('discovery.usableProof', { domain });
  const holds = tls !== undefined && !tls.fault;
  if (endpoint.host === domain)
    return holds ? text('discovery.usableItselfTls', { domain }) : text('discovery.usableItself', { domain });
  return holds ? text('discovery.usableBelowTls', { domain }) : text('discovery.usableBelow', { domain });
}
