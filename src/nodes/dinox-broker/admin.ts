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
import { configurationsFor, type FoundInDialog } from '../../runtime/connection-test/configuration-request';
import { ConnectionTests, TooManyTests } from '../../runtime/connection-test/connection-test';
import {
  type DialogFields,
  type ReadDialog,
  readDialog,
  type SavedBroker,
} from '../../runtime/connection-test/test-request';
import { endpointText } from '../../servers/endpoint';
import { profileOf } from '../../servers/profiles';
import { tlsSettings } from './tls-settings';

/**
 * The admin routes of `dinox-broker`, once for all its nodes:
 * - `POST dinox/test` (`flows.write`) begins a connection test with a dialog's fields: `{id, config,
 *   credentials}`, answered with `{id}`; `GET dinox/test/:id?since=` tells how far it is, `DELETE` cancels it;
 * - `POST dinox/configuration` (`flows.write`): texts for the files of the account's server, for a dialog's fields:
 *   `{id, config, found}`; it asks nobody, and holds no password;
 * - `GET dinox/brokers/:id/shown` (`dinox.read`): how many entities Home Assistant is shown, and `removedAt` when the
 *   device was deleted there; `POST` (`dinox.write`) shows it again;
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
  routes.deploy('/dinox/configuration', ({ body }) => {
    const fields = (body ?? {}) as DialogFields & { found?: FoundInDialog };
    const read = readDialog({ ...fields, credentials: {} }, undefined, expanding(RED, fields));
    if (!('config' in read)) throw unreadable(read);
    return configurationsFor(read.config, fields.found ?? {});
  });
  routes.get('/dinox/brokers/:id/shown', ({ params }) => {
    const announcer = findBroker(RED, params.id)?.announcer;
    return { entities: announcer?.size ?? 0, removedAt: announcer?.removedAt };
  });
  routes.post('/dinox/brokers/:id/shown', ({ params }) => {
    findBroker(RED, params.id)?.announcer.again();
  });
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

/** Puts environment variables into the fields, as for the node. */
function expanding(RED: NodeAPI, fields: DialogFields): (raw: RawBroker) => RawBroker {
  const lookup = (name: string): unknown =>
    RED.util.evaluateNodeProperty(name, 'env', (nodeOf(RED, fields) ?? {}) as never, {} as never);
  return (raw) => expandFields(raw, lookup);
}

function startTest(RED: NodeAPI, tests: ConnectionTests, fields: DialogFields): string {
  const read = readDialog(fields, saved(RED, fields), expanding(RED, fields));
  if (!('config' in read)) throw unreadable(read);
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

function unreadable(read: Exclude<ReadDialog, { config: unknown }>): Refusal {
  if (read.error === 'body') return new Refusal(400, 'json');
  return new Refusal(409, read.error, 'field' in read ? { field: read.field } : {});
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
