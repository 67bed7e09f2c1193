import type { NodeAPI } from 'node-red';
import type { KeyFacts, WatchedKey } from '../../../alert/key-facts';
import type { AlertRow } from '../../../alert/past-alerts';
import type { ToldFacts } from '../../../alert/states';
import { topicsOfKey } from '../../../alert/watched-keys';
import { DAY } from '../../../base/time-units';
import type { History } from '../../../history/history';
import { type AlertRecordings, alertRecordings } from '../../../runtime/alert-recordings';
import { knownBrokers } from '../../../runtime/known-brokers';
import { nodesOfType } from '../../../runtime/nodes-of-type';

/** Where the topic of an alert is shown; `field`: the number in its JSON. */
export interface TopicPlace {
  broker: string;
  topic: string;
  field?: string;
}

type Facts = Omit<KeyFacts, 'topic'>;

interface OfNode {
  /** Id and name of the node that watches. */
  node: string;
  name: string;
}

/** Values of a key, as the lines of topics are sent. Times in milliseconds since the epoch. */
export interface AlertLine {
  from: number;
  min: (number | null)[];
  max: (number | null)[];
  last: (number | null)[];
}

const MAX_WATCHED = 100;
/** Characters of a key that an answer repeats: topics have up to 65,535, and anybody may have sent on them. */
const MAX_SHOWN = 300;
/** The same of an open alert, whose line is asked for by its key; commands name its id. */
const MAX_KEY = 1_000;
/** A longer topic has no button. */
const MAX_TOPIC = 2_000;
/** Samples from which on a line says something. */
const WORTH_DRAWING = 8;
const NOTHING: AlertLine = { from: 0, min: [], max: [], last: [] };

/** What the nodes know of their keys, beside the alerts themselves. */
export class AlertViews {
  constructor(private readonly RED: NodeAPI) {}

  /** Open alerts without what makes an answer long. */
  plain<T extends { node: string; key?: unknown }>(alerts: readonly T[]): T[] {
    return alerts.map((alert) => ({ ...alert, key: String(alert.key ?? '').slice(0, MAX_KEY) }));
  }

  /** The same alerts, with what a sentence about each needs, and the place of its topic. */
  described<T extends { node: string; key?: unknown }>(
    alerts: readonly T[],
  ): (T & { facts?: Facts; place?: TopicPlace })[] {
    const placeOf = this.places();
    return this.plain(alerts).map((plain, i) => {
      const alert = alerts[i] ?? plain;
      const recordings = alertRecordings(this.RED, alert.node);
      const facts = recordings?.facts(String(alert.key ?? ''));
      const place = recordings && facts && placeOf(recordings, facts.topic);
      return { ...plain, ...(facts && { facts: shown(facts) }), ...(place && { place }) };
    });
  }

  /** Keys without an open alert: how many there are, and those of them that are nearest to one. */
  watched(): {
    count: number;
    keys: (Omit<WatchedKey, 'rank' | 'topic'> & OfNode & { place?: TopicPlace })[];
  } {
    const placeOf = this.places();
    const all = this.nodes().map(({ recordings, ...node }) => ({
      ...recordings.watched(MAX_WATCHED),
      ...{ node, recordings },
    }));
    const near = all.flatMap(({ keys, node, recordings }) =>
      keys.map(({ rank, ...key }) => {
        const place = placeOf(recordings, key.topic);
        const row = { ...shown(key), ...node, key: key.key.slice(0, MAX_SHOWN), ...(place && { place }) };
        return { rank, row };
      }),
    );
    near.sort((one, two) => (one.rank === two.rank ? 0 : one.rank - two.rank));
    return {
      count: all.reduce((sum, { count }) => sum + count, 0),
      keys: near.slice(0, MAX_WATCHED).map(({ row }) => row),
    };
  }

  /** Alerts that are over, the last to end first. */
  past(most: number): {
    count: number;
    alerts: (AlertRow & OfNode & { facts?: ToldFacts; place?: TopicPlace })[];
  } {
    const placeOf = this.places();
    const over = this.nodes().flatMap(({ recordings, ...node }) =>
      recordings
        .past()
        .reverse()
        .map((one) => ({ ...one, node, recordings })),
    );
    over.sort((one, two) => two.endedAt - one.endedAt);
    const alerts = over.slice(0, most).map(({ row, facts, node, recordings }) => {
      const [place] = topicsOfKey(row.key).flatMap((topic) => placeOf(recordings, topic) ?? []);
      return { ...row, ...node, ...(facts && { facts }), ...(place && { place }) };
    });
    return { count: over.length, alerts };
  }

  /** @returns a line without values for a key of which there are too few */
  line(node: string, key: string | undefined, to: number, points: number): AlertLine {
    const recordings = alertRecordings(this.RED, node);
    const { history, loading } = recordings ?? {};
    if (!recordings || !history || loading || key === undefined) return NOTHING;
    return lineOf(history, recordings.about(key).key, to, points);
  }

  private nodes(): (OfNode & { recordings: AlertRecordings })[] {
    return nodesOfType(this.RED, 'dinox-alert').flatMap(({ id, name = '' }) => {
      const recordings = alertRecordings(this.RED, id);
      return recordings ? [{ node: id, name: name.slice(0, 200), recordings }] : [];
    });
  }

  /** Finds the first connection that has recorded a topic. */
  private places(): (recordings: AlertRecordings, topic: string) => TopicPlace | undefined {
    const brokers = knownBrokers(this.RED);
    return ({ field }, topic) => {
      if (topic.length > MAX_TOPIC) return undefined;
      const known = brokers.find(({ broker }) => broker.recorder.has(topic));
      return known && { broker: known.id, topic, ...(field !== undefined && { field }) };
    };
  }
}

/** Without the topic, which stands in the place of one that is recorded. */
function shown<T extends KeyFacts>({ topic: _, ...facts }: T): Omit<T, 'topic'> {
  return { ...facts, title: facts.title.slice(0, MAX_SHOWN) };
}

function lineOf(history: History, key: string, to: number, points: number): AlertLine {
  const begin = to - DAY;
  const from = history.has(key) ? history.first(key, begin, to) : undefined;
  if (from === undefined || from >= to) return NOTHING;
  const { min, max, last, count } = history.drawn(key, from, to, points);
  const samples = count.reduce((sum, one) => sum + one, 0);
  return samples < WORTH_DRAWING ? NOTHING : { from, min, max, last };
}
