import type { Node, NodeAPI } from 'node-red';
import type { AlertMachine } from '../../alert/machine';
import type { Clock } from '../../base/clock';
import type { Translate } from '../../base/translate';
import type { Broker } from '../../runtime/broker/broker';
import { findBroker } from '../../runtime/broker/find-broker';
import type { DeployWatcher } from '../../runtime/handover/deploy-watcher';
import { matches, matchingPart } from '../../topics/filter';
import { availabilityIn, type DependsOn, type OnConnection, type OnTopic } from './depends-on';

/** Milliseconds that a connection may take to be made before it counts as down. */
const CONNECTS_WITHIN = 30_000;
/** Longer than any word of availability, in bytes. */
const MAX_PAYLOAD = 10_000;

export interface ParentsOptions {
  RED: NodeAPI;
  node: Node;
  machine: AlertMachine;
  dependsOn: readonly DependsOn[];
  deploys: DeployWatcher;
  clock: Clock;
  translate: Translate;
}

/** The connection's key: its name as people know it. */
const connectionKey = (RED: NodeAPI, { broker }: OnConnection): string =>
  `connection ${RED.nodes.getNode(broker)?.name || broker}`;

/**
 * Watches the topics and connections on which an alert depends: each is an alert of its own.
 * @returns ends it
 */
export function watchParents(options: ParentsOptions): () => void {
  const { RED, node, machine, dependsOn, deploys, clock, translate } = options;
  const outside = dependsOn.filter((one) => one.type !== 'key');
  let isFull = false;
  const tell = (key: string, kind: 'topic' | 'connection', isUp: boolean, value: string): void => {
    const hasNoRoom = machine.parent(key, kind, !isUp, value);
    if (hasNoRoom && !isFull) node.warn(translate('warning.dependsFull', { key }));
    isFull ||= hasNoRoom;
  };
  const watched = outside.map((one) => ({
    one,
    broker: undefined as Broker | undefined,
    end: () => {},
    isMissing: false,
  }));
  const connect = (): void => {
    for (const place of watched) {
      const broker = findBroker(RED, place.one.broker);
      if (!broker && !place.isMissing)
        node.warn(translate('warning.dependsBroker', { broker: place.one.broker }));
      place.isMissing = !broker;
      if (broker === place.broker) continue;
      // A deploy made another one.
      place.end();
      place.broker = broker;
      place.end = broker ? watch(place.one, broker) : () => {};
    }
  };
  const watch = (one: OnTopic | OnConnection, broker: Broker): (() => void) =>
    one.type === 'topic' ? watchTopic(one, broker) : watchLine(one, broker);
  const watchTopic = (one: OnTopic, broker: Broker): (() => void) => {
    const subscription = {
      owner: `${node.id} depends`,
      filter: one.filter,
      options: { qos: 1 as const, nl: false, rap: true, rh: 0 as const },
      deliver: ({ topic, payload }: { topic: string; payload: Buffer }) => {
        if (payload.length > MAX_PAYLOAD) return;
        const said = payload.toString('utf8');
        const isUp = availabilityIn(said, one);
        if (isUp !== undefined) tell(topic, 'topic', isUp, said.trim().slice(0, 100));
      },
      refused: (reason: Error) =>
        node.warn(translate('warning.dependsRefused', { topic: one.filter, reason: reason.message })),
    };
    broker.subscribe(subscription);
    return () => broker.unsubscribe(subscription, false);
  };
  const watchLine = (one: OnConnection, broker: Broker): (() => void) => {
    const key = connectionKey(RED, one);
    const look = (): void =>
      tell(key, 'connection', broker.connected, broker.connected ? 'online' : 'offline');
    if (broker.connected) look();
    const stopLook = clock.after(CONNECTS_WITHIN, look);
    const end = broker.onConnected(look);
    return () => {
      stopLook();
      end();
    };
  };
  forgetOthers(machine, outside, (one) => connectionKey(RED, one));
  if (outside.length === 0) return () => {};
  connect();
  const stop = deploys.listen((underWay) => {
    if (!underWay) connect();
  });
  return () => {
    stop();
    for (const { end } of watched) end();
  };
}

/** Alerts of topics and connections on which the node no longer depends are over. */
function forgetOthers(
  machine: AlertMachine,
  outside: readonly (OnTopic | OnConnection)[],
  keyOf: (one: OnConnection) => string,
): void {
  for (const entry of [...machine.active]) {
    if (!entry.parent) continue;
    const isWatched = outside.some((one) =>
      one.type === 'topic'
        ? entry.parent === 'topic' && matches(matchingPart(one.filter).split('/'), entry.key.split('/'))
        : entry.parent === 'connection' && keyOf(one) === entry.key,
    );
    if (!isWatched) machine.parent(entry.key, entry.parent, false, 'offline');
  }
}
