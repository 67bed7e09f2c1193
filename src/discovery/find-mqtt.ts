/** Asks the candidate endpoints for MQTT. */

import { list, text } from '../base/catalogue';
import type { Text } from '../base/text';
import { endpointText, hostPort, usesTls } from '../servers/endpoint';
import type { Candidate } from './candidates';
import { type Context, within } from './context';
import type { ProbeAnswer } from './lookups';
import { judge, type Outcome } from './outcome';
import { StepGroup } from './step-log';

/** Asks all candidates at once, without any login. */
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
          {
            ok: false,
            failure: 'silent',
            text: text('net.noAnswerFrom', { where: hostPort(endpoint.host, endpoint.port) }),
          },
        );
      let outcome: Outcome | undefined;
      await recorder.run(StepGroup.Probe, probe, (answer) => {
        outcome = judge(context, candidate, answer);
        return {
          asked: text('discovery.noLogin', { where: endpointText(endpoint) }),
          answer: answer.ok ? describe(answer) : answer.text,
          follows: outcome.text,
          ok: outcome.kind === 'usable',
        };
      });
      return outcome as Outcome;
    }),
  );
}

function describe({ address, tls, mqtt }: Extract<ProbeAnswer, { ok: true }>): Text {
  const seen = [text('discovery.connectedTo', { address })];
  if (tls?.fault) seen.push(tls.fault.text);
  else if (tls?.pinned) seen.push(text('discovery.certificatePinned'));
  else if (tls) seen.push(text('discovery.certificate', { name: tls.servername }));
  if (mqtt) seen.push(mqtt.guess === 'unknown' ? mqtt.text : text(BROKERS[mqtt.guess], { text: mqtt.text }));
  return list(seen);
}

const BROKERS = {
  ejabberd: 'discovery.asEjabberd',
  prosody: 'discovery.asProsody',
  mosquitto: 'discovery.asMosquitto',
} as const;
