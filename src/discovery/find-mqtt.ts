/** What answers at the endpoints that come into question. */

import { endpointText, hostPort, usesTls } from '../servers/endpoint';
import type { Candidate } from './candidates';
import { type Context, within } from './context';
import type { ProbeAnswer } from './lookups';
import { Phase } from './step-log';
import { judge, type Outcome } from './verdict';

/** Asks all of them at once, without any login. */
export function probeAll(context: Context, candidates: Candidate[]): Promise<Outcome[]> {
  const { lookups, recorder, unit } = context;
  return Promise.all(
    candidates.map(async (candidate) => {
      const { endpoint, servernames } = candidate;
      const probe = () =>
        within<ProbeAnswer>(
          context,
          4,
          (signal) =>
            lookups.probe(
              {
                host: endpoint.host,
                port: endpoint.port,
                tls: usesTls(endpoint),
                webSocket: endpoint.protocol === 'ws' || endpoint.protocol === 'wss',
                servernames,
                timeoutMs: Math.round(3.5 * unit),
              },
              signal,
            ),
          { ok: false, failure: 'silent', text: `no answer from ${hostPort(endpoint.host, endpoint.port)}` },
        );
      let outcome: Outcome | undefined;
      await recorder.run(Phase.Probe, probe, (answer) => {
        outcome = judge(context, candidate, answer);
        return {
          asked: `${endpointText(endpoint)} without a login`,
          answer: answer.ok ? describe(answer) : answer.text,
          follows: outcome.text,
          ok: outcome.kind === 'usable',
        };
      });
      return outcome as Outcome;
    }),
  );
}

function describe({ address, tls, mqtt }: Extract<ProbeAnswer, { ok: true }>): string {
  const certificate =
    tls &&
    (tls.fault
      ? tls.fault.text
      : tls.pinned
        ? 'certificate trusted by its fingerprint'
        : `certificate valid for ${tls.servername}`);
  const software = mqtt && (mqtt.guess === 'unknown' ? mqtt.text : `${mqtt.text}: ${BROKERS[mqtt.guess]}`);
  return [`connected to ${address}`, certificate, software].filter(Boolean).join('; ');
}

const BROKERS = {
  ejabberd: 'as ejabberd does',
  prosody: "as Prosody's bridge does",
  mosquitto: 'as Mosquitto and other brokers do',
};
