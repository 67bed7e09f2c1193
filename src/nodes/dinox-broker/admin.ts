import { randomBytes } from 'node:crypto';
import type { NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../../base/clock';
import { TooOften } from '../../base/rate-limit';
import { systemLookups } from '../../discovery/system-lookups';
import { type AdminHandler, answerTooOften, fromTheEditor } from '../../runtime/admin/request-guard';
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
 * - `POST dinox/test` (`flows.write`) begins a connection test with what stands in a dialog: `{id, config,
 *   credentials}`, answered with `{id}`; `GET dinox/test/:id?since=` tells how far it is, `DELETE` cancels it;
 * - `GET dinox/brokers/:id/capabilities` (`dinox.read`): what the deployed connection has found, and can do.
 */
export function registerAdmin(RED: NodeAPI): void {
  const tests = new ConnectionTests({
    clock: systemClock,
    random: (bytes) => randomBytes(bytes).toString('hex'),
    lookups: (tls) => systemLookups({ tls }),
    loadMqtt,
  });
  const { httpAdmin: admin, auth } = RED;
  const mayTest = auth.needsPermission('flows.write');
  admin.post('/dinox/test', mayTest, fromTheEditor, startTest(RED, tests));
  admin.get('/dinox/test/:id', mayTest, (request, response) => {
    const since = Math.max(0, Number.parseInt(String(request.query.since), 10) || 0);
    const view = tests.view(String(request.params.id), since);
    response.set('Cache-Control', 'no-store');
    if (view) response.json(view);
    else response.status(404).json({ error: 'unknown' });
  });
  admin.delete('/dinox/test/:id', mayTest, fromTheEditor, (request, response) => {
    response.status(tests.cancel(String(request.params.id)) ? 204 : 404).end();
  });
  admin.get('/dinox/brokers/:id/capabilities', auth.needsPermission('dinox.read'), (request, response) => {
    const broker = findBroker(RED, request.params.id);
    response.set('Cache-Control', 'no-store');
    // Not an error: a dialog asks before the first deploy, too.
    if (!broker) {
      response.json({ connected: false });
      return;
    }
    const { found, client } = broker;
    const profile = found && profileOf(found.serverType);
    response.json({
      connected: broker.connected,
      // Where the sidebar's recorder is, there is `GET dinox/brokers/:id/topics` as well.
      topics: 'recorder' in broker,
      ...(found &&
        profile && {
          server: profile.label,
          serverType: found.serverType,
          software: found.software ?? profile.label,
          services: found.services,
          ...(found.mqtt && { where: endpointText(found.mqtt.endpoint) }),
          version: client.connected ? client.version : found.mqtt?.version,
          capabilities: client.capabilities ?? profile.capabilities,
        }),
    });
  });
}

function startTest(RED: NodeAPI, tests: ConnectionTests): AdminHandler {
  return (request, response) => {
    const fields = request.body as DialogFields;
    const lookup = (name: string): unknown =>
      RED.util.evaluateNodeProperty(name, 'env', (nodeOf(RED, fields) ?? {}) as never, {} as never);
    const read = readDialog(fields, saved(RED, fields), (raw) => expandFields(raw, lookup));
    if (!('config' in read)) {
      response.status(read.error === 'body' ? 400 : 409).json(read);
      return;
    }
    const { config, tls } = read;
    if (tls !== '' && !RED.nodes.getNode(tls)) {
      response.status(409).json({ error: 'tls' });
      return;
    }
    try {
      const { question, secrets, payloadType } = config;
      const id = tests.start({
        question,
        secrets,
        payloadType,
        tls: tlsSettings(RED, { tls }, config.trusted),
      });
      response.status(201).json({ id });
    } catch (error) {
      if (error instanceof TooOften) answerTooOften(response, error);
      else if (error instanceof TooManyTests) response.status(429).json({ error: 'busy' });
      else throw error;
    }
  };
}

const nodeOf = (RED: NodeAPI, { id }: DialogFields) => RED.nodes.getNode(String(id));

/** The broker as it is deployed, with its credentials; undefined for one that is not. */
function saved(RED: NodeAPI, { id }: DialogFields): SavedBroker | undefined {
  let raw: RawBroker | undefined;
  RED.nodes.eachNode((node) => {
    // One that is being taken over has its old type until the deploy.
    const isBroker = ['dinox-broker', 'mqtt-broker'].includes(node.type as string);
    if (node.id === id && isBroker) raw = node as NodeDef & RawBroker;
  });
  return raw && { raw, credentials: { ...(RED.nodes.getCredentials(String(id)) as object | undefined) } };
}
