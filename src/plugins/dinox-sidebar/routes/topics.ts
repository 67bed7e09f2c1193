import { isUtf8 } from 'node:buffer';
import type { NodeAPI } from 'node-red';
import { DAY } from '../../../base/time-units';
import { WEEK_SPAN } from '../../../history/week-tier';
import { historyKey } from '../../../recorder/history-key';
import type { LoggedMessage } from '../../../recorder/message-log';
import type { Recorder } from '../../../recorder/recorder';
import { stateFields } from '../../../recorder/state-fields';
import { MAX_WAIT_MS } from '../../../recorder/topic-watcher';
import { isForeign } from '../../../runtime/admin/origin-guard';
import { Refusal } from '../../../runtime/admin/refusal';
import { type Request, type Response, type Routes, requestBody, whole } from '../../../runtime/admin/routes';
import type { Broker } from '../../../runtime/broker/broker';
import { checkFilter } from '../../../topics/check';
import { hasWildcard, matches } from '../../../topics/filter';
import { brokerOr404 } from './brokers';

/** Maximum editors that wait for one broker at a time. */
const MAX_WAITING = 50;
const MAX_ROWS = 2_000;
/** Maximum names of topics in one answer. */
const MAX_NAMES = 1_000;
const MAX_SERIES = 200;
const MAX_POINTS = 2_000;
const MAX_STATES = 500;
/** Shortest time that a line without a given beginning shows, in milliseconds. */
const SHORTEST = 60_000;
/** The same of one that begins with its first sample. */
const SHORTEST_FIT = 10_000;
/** Milliseconds after the recorder's beginning in which retained messages come. */
const BEGINNING = 5_000;
/** Maximum characters of a payload that are shown. A picture comes whole, as Base64. */
const MAX_SHOWN_LENGTH = 32_768;

/** Routes for a connection's topics, their values and their history. */
export function topicRoutes(RED: NodeAPI, routes: Routes): void {
  const waiting = new WeakMap<Recorder, number>();

  routes.get('/dinox/brokers/:id/topics', async (request, response) => {
    const broker = brokerOr404(RED, request.params.id);
    const { recorder, watcher, names } = broker;
    const { query } = request;
    // Exploring subscribes, and may log the account in, so a link on a foreign page must not begin it.
    if (query.explore === '1' && !isForeign(request.headers)) watcher.explore();
    const limit = whole(query.limit, 1, MAX_ROWS, 500);
    const about = () => ({
      epoch: recorder.epoch,
      now: Date.now(),
      phase: broker.present.phase,
      explore: watcher.state,
      received: recorder.received,
      size: recorder.size,
      prefix: names.prefix,
    });
    if (query.q !== undefined || query.since === undefined) {
      return { ...about(), rows: topicsFound(broker, query, limit) };
    }
    const known = query.epoch === recorder.epoch;
    const since = known ? whole(query.since, 0, Number.MAX_SAFE_INTEGER, 0) : 0;
    const wait = whole(query.wait, 0, MAX_WAIT_MS, 0);
    const named = whole(query.names, 0, Number.MAX_SAFE_INTEGER, 0);
    // A client that does not ask for names waits for values only.
    const hasNames = query.names !== undefined && named < names.seq;
    if (known && wait > 0 && !hasNames) await untilChanged(recorder, since, wait, response, waiting);
    if (response.headersSent) return undefined;
    const changes = recorder.changes(since, limit);
    const { seq, names: list } = names.changes(known ? named : 0, MAX_NAMES);
    return { ...about(), ...changes, reset: changes.reset || !known, named: seq, names: list };
  });

  routes.get('/dinox/brokers/:id/value', (request) => {
    const broker = brokerOr404(RED, request.params.id);
    const topic = String(request.query.topic ?? '');
    const last = broker.recorder.last(topic);
    if (!last) throw new Refusal(404, 'noTopic');
    return { ...shownValue(broker.recorder, topic, last), ...filterOf(broker, topic) };
  });

  routes.get('/dinox/brokers/:id/states', (request) => {
    const { recorder } = brokerOr404(RED, request.params.id);
    return { states: stateFields(recorder, String(request.query.filter ?? '')) };
  });

  routes.get('/dinox/brokers/:id/messages', (request) => {
    const { recorder } = brokerOr404(RED, request.params.id);
    const after = whole(request.query.after, 0, Number.MAX_SAFE_INTEGER, 0);
    const messages = recorder.messages(String(request.query.topic ?? ''), after);
    if (!messages) throw new Refusal(404, 'noTopic');
    return { now: Date.now(), messages: messages.map(shownMessage) };
  });

  routes.ask('/dinox/brokers/:id/series', (request) => {
    const broker = brokerOr404(RED, request.params.id);
    return seriesOf(broker, request);
  });

  routes.ask('/dinox/brokers/:id/explore', (request) => {
    const { watcher } = brokerOr404(RED, request.params.id);
    if (requestBody(request).on === false) watcher.stopExploring();
    else watcher.explore();
    return { explore: watcher.state };
  });
}

/**
 * `filter`: the name by which a flow receives this topic, if it is not the topic itself: a PubSub node whose items have
 * another payload type than the connection is named in full where nothing but Prosody's bridge brings them.
 */
export function filterOf(
  { recorder, config, wildcards }: Pick<Broker, 'config' | 'recorder' | 'wildcards'>,
  topic: string,
): { filter?: string } {
  if (wildcards !== false) return {};
  const { service, type, node } = recorder.pubsubOf(topic) ?? {};
  return node === topic && type !== config.payloadType ? { filter: `${service}/${type}/${node}` } : {};
}

async function untilChanged(
  recorder: Recorder,
  since: number,
  wait: number,
  response: Response,
  waiting: WeakMap<Recorder, number>,
): Promise<void> {
  const others = waiting.get(recorder) ?? 0;
  if (others >= MAX_WAITING) return;
  waiting.set(recorder, others + 1);
  const changed = recorder.changed(since, wait);
  response.on('close', changed.cancel);
  await changed.done;
  waiting.set(recorder, (waiting.get(recorder) ?? 1) - 1);
}

/**
 * `q`: what was recorded, the newest first, with the names that Home Assistant has for it. `role`: topics that are
 * only known by such a name as well, without a value; `state` or `command`.
 */
export function topicsFound(
  broker: Broker,
  query: Request['query'],
  limit: number,
): { readonly topic: string }[] {
  const { recorder, names } = broker;
  const wanted = wantedBy(query.q, names);
  const rows = recorder.find(wanted, limit).map((row) => {
    const { name, unit } = names.of(row.topic) ?? {};
    const own = { ...row, ...filterOf(broker, row.topic) };
    return { ...own, ...(name && { name }), ...(unit && row.unit === undefined && { unit }) };
  });
  const { role } = query;
  if (role !== 'state' && role !== 'command') return rows;
  const isNew = (topic: string): boolean => wanted(topic) && !recorder.last(topic);
  const unseen = names
    .find(role, isNew, limit)
    .map(({ topic, name, unit }) => ({ topic, name, unit, text: '', at: 0 }));
  // Command topics are seldom received.
  return (role === 'command' ? [...unseen, ...rows] : [...rows, ...unseen]).slice(0, limit);
}

/** Matches a filter if `q` has wildcards, else a part of the topic or of its name. */
function wantedBy(q: unknown, names: Broker['names']): (topic: string) => boolean {
  const text = typeof q === 'string' ? q.trim() : '';
  if (text === '') return () => true;
  if (hasWildcard(text)) {
    try {
      checkFilter(text);
      const levels = text.split('/');
      return (topic) => matches(levels, topic.split('/'));
    } catch {
      // An unfinished filter counts as a part of the topic.
    }
  }
  const part = text.toLowerCase();
  return (topic) =>
    topic.toLowerCase().includes(part) || Boolean(names.of(topic)?.name.toLowerCase().includes(part));
}

function shownValue(
  recorder: Recorder,
  topic: string,
  last: NonNullable<ReturnType<Recorder['last']>>,
): Record<string, unknown> {
  const { payload, bytes, complete, retained, at } = last;
  const [row] = recorder.find((one) => one === topic, 1);
  const about = { topic, bytes, complete, retained, at, kind: row?.kind };
  if (row?.kind === 'picture') return { ...about, mime: row.mime, base64: payload.toString('base64') };
  if (row?.kind === 'binary') return { ...about, hex: payload.subarray(0, 1_024).toString('hex') };
  return { ...about, text: payload.toString('utf8').slice(0, MAX_SHOWN_LENGTH) };
}

/** A message with its payload as text, or as hex if it is none. */
function shownMessage({ payload, number, at, qos, bytes }: LoggedMessage): object {
  const complete = payload.length === bytes;
  // The last character of a payload that is cut may be cut in two.
  const isText = [0, 1, 2, 3].some(
    (cut) => (cut === 0 || !complete) && isUtf8(payload.subarray(0, payload.length - cut)),
  );
  const shown = isText
    ? { text: payload.toString('utf8') }
    : { hex: payload.subarray(0, 256).toString('hex') };
  return { number, at, qos, bytes, complete, ...shown };
}

/**
 * `{wanted: [{topic, field?}], from?, to?, points?, states?}`: a series of equal parts for each, all as long as each
 * other, and the changes of state where they are asked for. Without `from`: all that is known, at most a day. `fit`:
 * somebody looks at these, and the time before their first sample is left out.
 */
function seriesOf({ recorder }: Broker, request: Request): Record<string, unknown> {
  const body = requestBody(request);
  const wanted = Array.isArray(body.wanted) ? body.wanted.slice(0, MAX_SERIES) : [];
  const now = Date.now();
  const to = whole(body.to, 0, now + DAY, now);
  const known = Math.min(to - SHORTEST, Math.max(to - DAY, recorder.since + BEGINNING));
  let from = whole(body.from, to - WEEK_SPAN, to, known);
  const points = whole(body.points, 1, MAX_POINTS, 48);
  const { history } = recorder;
  const keys = wanted.map((one) => {
    const { topic, field } = (one ?? {}) as { topic?: unknown; field?: unknown };
    recorder.settle(String(topic ?? ''));
    return historyKey(String(topic ?? ''), field === undefined ? undefined : String(field));
  });
  // Before that there is nothing; of what is young, every value was kept and not only what is left of each minute.
  let begin = Math.max(from, Math.min(to - SHORTEST, recorder.since + BEGINNING));
  if (body.fit === true) {
    for (const key of keys) history.look(key);
    const first = Math.min(...keys.map((key) => history.first(key, from, to) ?? Number.POSITIVE_INFINITY));
    begin = Math.max(from, Math.min(first, to - SHORTEST_FIT));
    from = begin;
  }
  const most = Math.max(1, Math.round((points * (to - begin)) / Math.max(1, to - from)));
  let found = keys.map((key) => history.drawn(key, begin, to, most));
  // A part is never shorter than what was kept, and of a busy topic less was kept.
  const least = Math.min(...found.map(({ t }) => t.length));
  if (body.aligned === true && found.some(({ t }) => t.length !== least)) {
    found = keys.map((key) => history.drawn(key, begin, to, least));
  }
  const series = found.map(({ min, max, last, mean, count }, i) => {
    const states =
      body.states === true ? history.states(keys[i] ?? '', from, to).slice(-MAX_STATES) : undefined;
    const before = Math.round(((begin - from) / Math.max(1, to - begin)) * last.length);
    const padded = (values: (number | null)[]) => [...new Array<null>(before).fill(null), ...values];
    return {
      min: padded(min),
      max: padded(max),
      last: padded(last),
      mean: meanOfAll(mean, count),
      ...(states ? { states } : {}),
    };
  });
  return { from, to, now, since: recorder.since, reach: history.span, series };
}

/** The mean of all samples; null if there are none. */
function meanOfAll(mean: readonly (number | null)[], count: readonly number[]): number | null {
  let all = 0;
  let found: number | null = null;
  for (const [i, one] of mean.entries()) {
    const samples = count[i] ?? 0;
    if (one === null || samples === 0) continue;
    all += samples;
    found = found === null ? one : found + (one - found) * (samples / all);
  }
  return found;
}
