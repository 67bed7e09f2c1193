import type { NodeAPI } from 'node-red';
import { systemClock } from '../../base/clock';
import { RateLimit } from '../../base/rate-limit';
import { MAX_TEMPLATE } from '../../homeassistant/templates/message-template';
import { sourcesOf } from '../../recorder/upstream-topics';
import { Refusal } from '../../runtime/admin/refusal';
import { adminRoutes, asObject, type Request, requestBody, whole } from '../../runtime/admin/routes';
import { findBroker } from '../../runtime/broker/find-broker';
import { translator } from '../../runtime/translator';
import type { AlertNode } from './alert-node';
import { preview } from './preview';
import { RULE_FIELDS } from './rule-fields';

const MAX_POINTS = 600;
/** Maximum test alerts in this many milliseconds, per node and in total, because people receive them. */
const MAX_TESTS = 5;
const MAX_TESTS_OF_ALL = 20;
const WINDOW = 60_000;
/** Maximum length of a field and of a key, in characters. */
const MAX_LENGTH = 1_000;
const MAX_KEY_LENGTH = 65_535;

/**
 * The admin routes of `dinox-alert`, once for all its nodes:
 * - `POST dinox/alerts/:id/preview` (`dinox.read`) `{rule, key?, message, name, sources: [{broker, filter}], points}`: the last day of
 *   a key and where these rules would have fired, from what the node has seen, deployed or not, and what the connections
 *   have recorded. `rule` are the fields of the dialog; environment variables in them are not resolved,
 *   so that read access does not reveal them;
 * - `POST dinox/alerts/:id/test` (`dinox.write`) `{key?}`: the deployed node sends a sample alert at its output 1,
 *   a few times a minute; then it answers 429 with the code `often` and `params.seconds`.
 */
export function registerAlertAdmin(RED: NodeAPI): void {
  const routes = adminRoutes(RED);
  const translate = translator(RED, 'dinox-alert');
  const nodeOf = ({ params }: Request) =>
    RED.nodes.getNode(params.id ?? '') as (AlertNode & { wires?: unknown[][] }) | null;

  routes.ask('/dinox/alerts/:id/preview', (request) => {
    const body = requestBody(request);
    const question = {
      rule: ruleOf(body.rule),
      key: typeof body.key === 'string' ? body.key.slice(0, MAX_KEY_LENGTH) : undefined,
      message: typeof body.message === 'string' ? body.message.slice(0, MAX_TEMPLATE + 1) : '',
      name: typeof body.name === 'string' ? body.name.slice(0, MAX_LENGTH) : '',
      sources: sourcesOf(body.sources),
      points: typeof body.points === 'number' ? whole(body.points, 0, MAX_POINTS, 0) : 0,
    };
    return preview(question, {
      engine: nodeOf(request)?.dinoxEngine,
      recorder: (broker: string) => findBroker(RED, broker)?.recorder,
      names: (broker: string) => findBroker(RED, broker)?.names,
      translate,
      now: Date.now,
      pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
    });
  });

  const ofOne = new RateLimit<string>(systemClock, MAX_TESTS, WINDOW);
  const ofAll = new RateLimit<'all'>(systemClock, MAX_TESTS_OF_ALL, WINDOW);
  routes.post('/dinox/alerts/:id/test', (request) => {
    const node = nodeOf(request);
    if (!node) throw new Refusal(404, 'notDeployed');
    const { dinoxEngine: engine } = node;
    if (!engine) throw new Refusal(409, 'faulty');
    ofOne.take(node.id);
    ofAll.take('all');
    const { key } = requestBody(request);
    const text = engine.test(typeof key === 'string' && key.length <= MAX_LENGTH ? key : undefined);
    return { text, wired: (node.wires?.[0]?.length ?? 0) > 0 };
  });
}

function ruleOf(raw: unknown): Record<string, unknown> {
  const given = asObject(raw);
  const rule: Record<string, unknown> = {};
  for (const name of RULE_FIELDS) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (typeof value === 'boolean') rule[name] = value;
    else if (typeof value === 'string' || typeof value === 'number')
      rule[name] = String(value).slice(0, MAX_LENGTH);
  }
  return rule;
}
