import { setImmediate } from 'node:timers/promises';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { HistoryError } from '../../history/question';
import { alertRecordings, zonesAbout } from '../../runtime/alert-recordings';
import { findBroker } from '../../runtime/broker/find-broker';
import { definitionOf } from '../../runtime/config/node-definition';
import { deregisterOnClose } from '../../runtime/deregister-on-close';
import { readError, textReader, translator } from '../../runtime/translator';
import { isFilter, parseShared } from '../../topics/filter';
import { answer } from './answer';
import { historySettings } from './config';
import { AlertSource, ConnectionSource, type HistorySource } from './sources';

/**
 * `dinox-history`: answers with the recordings of a connection or an alert. In: any message; `msg.topic`, and
 * `msg.history = {field, what, from, to, points, format}`, stand for empty fields of the node. Out: `msg` with the answer
 * in `payload` and `msg.history = {topic, from, to, points, unit}`. A topic that the node names is recorded by its
 * connection, whether or not a flow receives it.
 */
export function registerDinoxHistory(RED: NodeAPI): void {
  const translate = translator(RED, 'dinox-history');
  const read = textReader(RED);

  function DinoxHistory(this: Node, raw: NodeDef & Readonly<Record<string, unknown>>): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const settings = historySettings(def);
    const { alert, topic } = settings;
    const broker = alert === '' ? findBroker(RED, def.broker) : undefined;
    /** The topic of the entity that the node names: another one, if its device moves. */
    let named: { topic: string; stop(): void } | undefined;
    let isClosed = false;
    const refused = (reason: Error): void =>
      this.warn(translate('warning.refused', { topic, reason: readError(reason, read).message }));
    const watchNamed = (found: string): void => {
      // An answer may come after the end of the node.
      if (!broker || isClosed || named?.topic === found) return;
      named?.stop();
      named = { topic: found, stop: broker.watcher.watch(found, refused) };
    };
    const source = (): HistorySource => {
      if (alert !== '') return new AlertSource(() => alertRecordings(RED, alert));
      if (!broker) throw new HistoryError('source');
      return new ConnectionSource(
        broker.recorder,
        broker.names,
        broker.homeAssistant.finder(),
        (about, field) => zonesAbout(RED, about, field),
        topic === '' ? undefined : watchNamed,
      );
    };
    if (broker) {
      // A shared subscription would take messages away from the other members of its group.
      const isRecorded = isFilter(topic) && parseShared(topic) === undefined;
      const stop = isRecorded ? broker.watcher.watch(topic, refused) : undefined;
      broker.register(this);
      deregisterOnClose(this, broker, () => {
        isClosed = true;
        stop?.();
        named?.stop();
      });
    } else if (alert === '') {
      this.error(readError(new HistoryError('source'), read).message);
      this.status({ fill: 'red', shape: 'ring', text: translate('status.broker') });
    }
    this.on('input', async (msg, send, done) => {
      try {
        send(Object.assign(msg, await answer(settings, msg as never, source(), Date.now, setImmediate)));
        done();
      } catch (error) {
        done(readError(error, read));
      }
    });
  }

  RED.nodes.registerType('dinox-history', DinoxHistory as never);
}
