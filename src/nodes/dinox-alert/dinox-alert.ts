import type { NodeAPI, NodeDef } from 'node-red';
import { text } from '../../base/catalogue';
import { systemClock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import { definitionOf } from '../../runtime/config/node-definition';
import { readError, textReader, translator } from '../../runtime/translator';
import { registerAlertAdmin } from './admin';
import type { AlertNode } from './alert-node';
import { AlertRuntime } from './alert-runtime';
import { alertConfig } from './config';
import { type DependingNode, dependencyCircle } from './dependency-circle';
import { MessageError, MessageReader } from './message-reader';

/**
 * `dinox-alert`: watches values, one state machine for each key. In: samples; commands as `msg.alert = {cmd}`; what
 * people write or how they react, from `xmpp-in` (`msg.xmpp`). Out: 1 what people are to be told
 * (`msg.alertId`, `msg.payload = {id, key, state, …, text}`, `msg.replaces` on updates), 2 every sample with
 * `msg.alert`, 3 answers, addressed to who asked. Errors are what a message lacks; a value that is none is passed on
 * at output 2 with `msg.alert.valid` false.
 */
export function registerDinoxAlert(RED: NodeAPI): void {
  const translate = translator(RED, 'dinox-alert');
  const read = textReader(RED);
  const runtime = new AlertRuntime(RED, translate, read);

  function DinoxAlert(this: AlertNode, raw: NodeDef & Readonly<Record<string, unknown>>): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const config = alertConfig(def);
    const problems = [...config.problems];
    const all: DependingNode[] = [];
    RED.nodes.eachNode((one) => {
      all.push(one);
    });
    const circle = dependencyCircle(all, this.id);
    if (circle)
      problems.push(
        text('config.problem', { field: 'dependsOn', text: text('rule.dependsCircle', { path: circle }) }),
      );
    let reader: MessageReader | undefined;
    try {
      reader = new MessageReader(RED, this, config, systemClock);
    } catch (error) {
      problems.push(textOf(error));
    }
    if (problems.length > 0 || !reader) {
      for (const problem of problems) this.error(read(problem));
      this.status({ fill: 'red', shape: 'dot', text: translate('status.problem') });
      const fault = new MessageError('config', { problem: problems[0] ?? '' });
      this.on('input', (_msg, _send, done) => done(readError(fault, read)));
      return;
    }
    const { engine, input, close } = runtime.start(this, def, config, reader);
    this.dinoxAlert = engine.commands;
    this.dinoxEngine = engine;
    this.dinoxRecordings = engine.recordings;
    this.on('input', (msg, send, done) => input.handle(msg as never, send as never, done));
    this.on('close', (removed: boolean, done: () => void) => {
      void close(removed).then(done);
    });
  }

  registerAlertAdmin(RED);
  RED.nodes.registerType('dinox-alert', DinoxAlert as never);
}
