import type { NodeAPI } from 'node-red';
import { systemClock } from '../../base/clock';
import { RateLimit, TooOften } from '../../base/rate-limit';
import { type AdminHandler, answerTooOften, fromTheEditor } from '../../runtime/admin/request-guard';
import { findBroker } from '../../runtime/broker/find-broker';
import type { AlertNode } from './alert-node';
import { preview } from './preview';
import type { Source } from './preview-keys';
import { RULE_FIELDS } from './rule-fields';

const MAX_SOURCES = 50;
const MAX_POINTS = 600;
/** Test alerts within so many milliseconds, of one node and of all: people get them. */
const MAX_TESTS = 5;
const MAX_TESTS_OF_ALL = 20;
const WINDOW = 60_000;
/** Maximum length of a field and of a topic filter, in characters. */
const MAX_LENGTH = 1_000;
const MAX_FILTER_LENGTH = 65_535;

/**
 * The admin routes of `dinox-alert`, once for all its nodes:
 * - `POST dinox/alerts/:id/preview` (`dinox.read`) `{rule, key?, sources: [{broker, filter}], points}`: the last day of
 *   a key and where these rules would have fired, from what the node has seen, deployed or not, and what the connections
 *   have recorded. `rule` are the fields of the dialog; environment variables in them stay what they are, because who
 *   may look is not to read them so;
 * - `POST dinox/alerts/:id/test` (`dinox.write`) `{key?}`: the deployed node sends a sample alert at its output 1,
 *   a few times a minute; then it answers 429 with `{error: 'often', params: {seconds}}`.
 */
export function registerAdmin(RED: NodeAPI): void {
  const { httpAdmin: admin, auth } = RED;
  const stationOf = (id: unknown) => (RED.nodes.getNode(String(id)) as AlertNode | null)?.dinoxEngine;

  const look: AdminHandler = (request, response) => {
    const body = objectOf(request.body);
    response.set('Cache-Control', 'no-store');
    const question = {
      rule: ruleOf(body.rule),
      key: typeof body.key === 'string' ? body.key.slice(0, MAX_FILTER_LENGTH) : undefined,
      sources: sourcesOf(body.sources),
      points: typeof body.points === 'number' ? pointsOf(body.points) : 0,
    };
    const tools = {
      engine: stationOf(request.params.id),
      recorder: (broker: string) => findBroker(RED, broker)?.recorder,
      now: Date.now,
      pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
    };
    preview(question, tools).then(
      (answer) => response.json(answer),
      (error: Error) => response.status(500).json({ error: error.message.slice(0, 500) }),
    );
  };
  admin.post('/dinox/alerts/:id/preview', auth.needsPermission('dinox.read'), fromTheEditor, look);

  const ofOne = new RateLimit<string>(systemClock, MAX_TESTS, WINDOW);
  const ofAll = new RateLimit<'all'>(systemClock, MAX_TESTS_OF_ALL, WINDOW);

  const test: AdminHandler = (request, response) => {
    const { id } = request.params;
    const node = RED.nodes.getNode(String(id)) as (AlertNode & { wires?: unknown[][] }) | null;
    response.set('Cache-Control', 'no-store');
    const engine = node?.dinoxEngine;
    if (!engine) {
      response.status(node ? 409 : 404).json({ error: node ? 'faulty' : 'notDeployed' });
      return;
    }
    try {
      ofOne.take(String(id));
      ofAll.take('all');
    } catch (error) {
      if (!(error instanceof TooOften)) throw error;
      answerTooOften(response, error);
      return;
    }
    const { key } = objectOf(request.body);
    const text = engine.test(typeof key === 'string' && key.length <= MAX_LENGTH ? key : undefined);
    response.json({ text, wired: (node?.wires?.[0]?.length ?? 0) > 0 });
  };
  admin.post('/dinox/alerts/:id/test', auth.needsPermission('dinox.write'), fromTheEditor, test);
}

function pointsOf(points: number): number {
  return Math.min(MAX_POINTS, Math.max(0, Math.floor(points) || 0));
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function ruleOf(raw: unknown): Record<string, unknown> {
  const given = objectOf(raw);
  const rule: Record<string, unknown> = {};
  for (const name of RULE_FIELDS) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (typeof value === 'boolean') rule[name] = value;
    else if (typeof value === 'string' || typeof value === 'number')
      rule[name] = String(value).slice(0, MAX_LENGTH);
  }
  return rule;
}

function sourcesOf(raw: unknown): Source[] {
  if (!Array.isArray(raw)) return [];
  const sources = raw.slice(0, MAX_SOURCES).map((one) => {
    const { broker, filter } = objectOf(one);
    return { broker, filter };
  });
  return sources.filter((one): one is Source => {
    const { broker, filter } = one;
    return typeof broker === 'string' && typeof filter === 'string' && filter.length <= MAX_FILTER_LENGTH;
  });
}
