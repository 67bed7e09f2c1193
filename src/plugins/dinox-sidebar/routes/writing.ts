import { randomUUID } from 'node:crypto';
import type { NodeAPI } from 'node-red';
import { systemClock } from '../../../base/clock';
import { textOf } from '../../../base/coded-error';
import { RateLimit } from '../../../base/rate-limit';
import { Refusal } from '../../../runtime/admin/refusal';
import { type Routes, requestBody, whole } from '../../../runtime/admin/routes';
import type { Broker } from '../../../runtime/broker/broker';
import type { QoS } from '../../../servers/types';
import { checkTopic } from '../../../topics/check';
import { InputError } from '../../../topics/errors';
import { brokerOr404 } from './brokers';
import { Clearing, publish } from './clearing';

const MAX_CLEARED = 500;
const MAX_PAYLOAD_LENGTH = 1_048_576;
/** Maximum messages by hand, and clearings and undos, through one connection in this many milliseconds. */
const MAX_PUBLISHED = 120;
const MAX_CLEARINGS = 90;
const WINDOW = 60_000;

/** Routes to publish, and to remove retained messages. */
export function writingRoutes(RED: NodeAPI, routes: Routes): void {
  const clearing = new Clearing(systemClock, randomUUID);
  const published = new RateLimit<string>(systemClock, MAX_PUBLISHED, WINDOW);
  const clearings = new RateLimit<string>(systemClock, MAX_CLEARINGS, WINDOW);

  routes.post('/dinox/brokers/:id/publish', async (request) => {
    const { id = '' } = request.params;
    const broker = connectedOr409(brokerOr404(RED, id));
    const { topic, payload = '', qos, retain } = requestBody(request);
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    if (text.length > MAX_PAYLOAD_LENGTH) throw new Refusal(413, 'long');
    checked(topic);
    const publication = { topic, payload: text, qos: whole(qos, 0, 2, 0) as QoS, retain: retain === true };
    published.take(id);
    const error = await publish(broker, systemClock, publication);
    if (error) throw new Refusal(400, 'publish', textOf(error));
    return { published: true };
  });

  routes.post('/dinox/brokers/:id/clear', async (request) => {
    const id = request.params.id ?? '';
    const broker = connectedOr409(brokerOr404(RED, id));
    if (broker.client.capabilities?.retain === false) throw new Refusal(409, 'noRetain');
    const { topics } = requestBody(request);
    if (!Array.isArray(topics) || topics.length === 0) throw new Refusal(400, 'noTopics');
    if (topics.length > MAX_CLEARED) throw new Refusal(413, 'tooMany');
    for (const topic of topics) checked(topic);
    clearings.take(id);
    return clearing.clear(id, broker, [...new Set(topics as string[])]);
  });

  routes.post('/dinox/brokers/:id/held', (request) => {
    const broker = brokerOr404(RED, request.params.id);
    const { name, action } = requestBody(request);
    if (action !== 'send' && action !== 'discard') throw new Refusal(400, 'command');
    const queue = typeof name === 'string' ? name : '';
    const { client, config, setAsideQueues } = broker;
    const count =
      action === 'send'
        ? setAsideQueues.send(queue, config.limits.ttl, client)
        : setAsideQueues.discard(queue);
    if (count === undefined) throw new Refusal(404, 'noQueue');
    return { count };
  });

  routes.post('/dinox/brokers/:id/undo', (request) => {
    const id = request.params.id ?? '';
    const broker = connectedOr409(brokerOr404(RED, id));
    clearings.take(id);
    return clearing.undo(id, broker, String(requestBody(request).undo ?? ''));
  });
}

/** Throws 409 without a connection, so that a pressed button shows at once that nothing goes out. */
function connectedOr409(broker: Broker): Broker {
  if (!broker.connected) throw new Refusal(409, 'notConnected');
  return broker;
}

function checked(topic: unknown): asserts topic is string {
  try {
    checkTopic(topic);
  } catch (error) {
    if (error instanceof InputError) throw new Refusal(400, 'topic', error.text);
    throw error;
  }
}
