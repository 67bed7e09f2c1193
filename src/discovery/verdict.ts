/** What follows from the answer of one endpoint: may it be used, and if not, why. */

import { isLocalAddress } from '../net/locality';
import { tlsAdvice } from '../net/tls-fault';
import { usesTls } from '../servers/endpoint';
import type { Candidate } from './candidates';
import { accountDomain, type Context } from './context';
import type { ProbeAnswer } from './lookups';

type Answered = Extract<ProbeAnswer, { ok: true }>;

interface Common {
  candidate: Candidate;
  /** What follows, as a phrase for the steps. */
  text: string;
}

export type Outcome = Common &
  (
    | { kind: 'usable'; answer: Answered }
    /** Only DNS or a server named it, and it did not prove itself. */
    | { kind: 'unconfirmed'; answer: Answered }
    /** A certificate that does not hold. */
    | { kind: 'certificate'; answer: Answered; advice: string }
    /** Accepts connections, but not TLS. */
    | { kind: 'handshake' }
    /** Without TLS and not local, although TLS is asked for. */
    | { kind: 'clear-text'; answer: Answered }
    /** Nothing there that could be used. */
    | { kind: 'nothing' }
  );

export type Usable = Extract<Outcome, { kind: 'usable' }>;

export function judge(context: Context, candidate: Candidate, answer: ProbeAnswer): Outcome {
  const { lookups, question } = context;
  const { endpoint, trust } = candidate;
  if (!answer.ok) {
    const kind = answer.failure === 'tls' ? 'handshake' : 'nothing';
    return { kind, candidate, text: 'not usable' };
  }
  const domain = accountDomain(question);
  const typeIt = `type ${endpoint.host} as the host to confirm it`;
  if (trust === 'named' && !usesTls(endpoint)) {
    const text = `only DNS or a server named this host, and without TLS it cannot prove itself: ${typeIt}`;
    return { kind: 'unconfirmed', candidate, answer, text };
  }
  const fault = answer.tls?.fault;
  if (fault) {
    if (trust === 'named') {
      const text = `only DNS or a server named this host, and it did not prove to be ${domain} (${fault.text}): ${typeIt}`;
      return { kind: 'unconfirmed', candidate, answer, text };
    }
    if (lookups.verify) {
      const advice = tlsAdvice(fault, candidate.servernames[0] ?? endpoint.host);
      return { kind: 'certificate', candidate, answer, advice, text: `not usable: ${fault.text}` };
    }
  }
  if (candidate.fallback && !isLocalAddress(answer.address)) {
    const text = `without TLS this is used towards local addresses only, and ${answer.address} is not local`;
    return { kind: 'clear-text', candidate, answer, text };
  }
  return { kind: 'usable', candidate, answer, text: proof(candidate, answer, domain) };
}

function proof(
  { trust, endpoint, fallback }: Candidate,
  { tls }: Answered,
  domain: string | undefined,
): string {
  if (fallback) return 'usable where nothing answers with TLS, because the address is local';
  if (tls && !tls.fault && tls.pinned) return 'usable: its certificate is trusted by its fingerprint';
  if (trust === 'typed') return 'usable: it was typed';
  if (trust === 'named') return `usable: its certificate proves that it belongs to ${domain}`;
  const how = endpoint.host === domain ? `it is ${domain} itself` : `it is below ${domain}`;
  return `usable: ${how}${tls && !tls.fault ? ', and its certificate holds' : ''}`;
}
