import { randomBytes } from 'node:crypto';
import type { NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../../base/clock';
import { systemLookups } from '../../discovery/system-lookups';
import { Refusal } from '../../runtime/admin/refusal';
import { adminRoutes, type Handler } from '../../runtime/admin/routes';
import { findBroker } from '../../runtime/broker/find-broker';
import { loadMqtt } from '../../runtime/broker/load-mqtt';
import type { RawBroker } from '../../runtime/config/broker-config';
import { expandFields } from '../../runtime/config/env-variables';
import { ConnectionTests, TooManyTests } from '../../runtime/connection-test/connection-test';
import { type DialogFields, readDialog, type SavedBroker } from '../../runtime/connection-test/test-request';
import { endpointText } from '../../servers/endpoint';
import { profileOf } from '../../servers/profiles';
import { tlsSettings } from './tls-settings';

/**
 * The admin routes of `dinox-broker`, once for all its nodes:
 * - `POST dinox/test` (`flows.write`) begins a connection test with a dialog's fields: `{id, config,
 *   credentials}`, answered with `{id}`; `GET dinox/test/:id?since=` tells how far it is, `DELETE` cancels it;
 * - `GET dinox/brokers/:id/capabilities` (`dinox.read`): what the deployed connection has found, and its abilities.
 */
export function registerBrokerAdmin(RED: NodeAPI): void {
  const tests = new ConnectionTests({
    clock: systemClock,
    random: (bytes) => randomBytes(bytes).toString('hex'),
    lookups: (tls) => systemLookups({ tls }),
    loadMqtt,
  });
  const routes = adminRoutes(RED);
  routes.deploy('/dinox/test', (request, response) => {
    const id = startTest(RED, tests, request.body as DialogFields);
    response.status(201);
    return { id };
  });
  const view: Handler = ({ params, query }) => {
    const since = Math.max(0, Number.parseInt(String(query.since), 10) || 0);
    const found = tests.view(params.id ?? '', since);
    if (!found) throw new Refusal(404, 'gone');
    return found;
  };
  routes.get('/dinox/test/:id', view, 'flows.write');
  const cancel: Handler = ({ params }, response) => {
    if (!tests.cancel(params.id ?? '')) throw new Refusal(404, 'gone');
    response.status(204);
  };
  routes.delete('/dinox/test/:id', cancel, 'flows.write');
  routes.get('/dinox/brokers/:id/capabilities', ({ params }) => {
    const broker = findBroker(RED, params.id);
    // This is no error, because a dialog also asks before the first deploy.
    if (!broker) return { connected: false };
    const { found, client } = broker;
    const profile = found && profileOf(found.serverType);
    return {
      connected: broker.connected,
      // With the sidebar's recorder there is also `GET dinox/brokers/:id/topics`.
      topics: 'recorder' in broker,
      ...(found &&
        profile && {
          server: profile.label,
          serverType: found.serverType,
          software: found.software ?? profile.label,
          services: found.services,
          ...(found.mqtt && { where: endpointText(found.mqtt.endpoint) }),
          ...(found.pubsub && { where: `xmpp:${found.pubsub.service}` }),
          version: client.connected ? client.version : found.mqtt?.version,
          capabilities: client.capabilities ?? profile.capabilities,
        }),
    };
  });
}

function startTest(RED: NodeAPI, tests: ConnectionTests, fields: DialogFields): string {
  const lookup = (name: string): unknown =>
    RED.util.evaluateNodeProperty(name, 'env', (nodeOf(RED, fields) ?? {}) as never, {} as never);
  const read = readDialog(fields, saved(RED, fields), (raw) => expandFields(raw, lookup));
  if (!('config' in read)) {
    if (read.error === 'body') throw new Refusal(400, 'json');
    throw new Refusal(409, read.error, 'field' in read ? { field: read.field } : {});
  }
  const { config, tls } = read;
  if (tls !== '' && !RED.nodes.getNode(tls)) throw new Refusal(409, 'tls');
  try {
    const { question, secrets, payloadType } = config;
    return tests.start({
      question,
      secrets,
      payloadType,
      tls: tlsSettings(RED, { tls }, config.trusted),
    });
  } catch (error) {
    if (error instanceof TooManyTests) throw new Refusal(429, 'busy');
    throw error;
  }
}

const nodeOf = (RED: NodeAPI, { id }: DialogFields) => RED.nodes.getNode(String(id));

/** The deployed broker with its credentials; undefined if it is not deployed. */
function saved(RED: NodeAPI, { id }: DialogFields): SavedBroker | undefined {
  let raw: RawBroker | undefined;
  RED.nodes.eachNode((node) => {
    // A broker that is being taken over has its old type until the deploy.
    const isBroker = ['dinox-broker', 'mqtt-broker'].includes(node.type as string);
    if (node.id === id && isBroker) raw = node as NodeDef & RawBroker;
  });
  return raw && { raw, credentials: { ...(RED.nodes.getCredentials(String(id)) as object | undefined) } };
}
