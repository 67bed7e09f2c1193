import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';

/**
 * A Node-RED module for the process that is killed, as text: `lasting-source` hands numbered messages to the flow, and
 * a record is kept of what happened to each, in a file that is written at once and so outlives the process.
 *
 * `H id` handed over to dinox-mqtt-out · `T id` and one turn of the event loop has passed · `D id` done · `E id` done
 * with an error · `R id` done, and one turn has passed · `M before|after bytes` memory in use.
 */
export const SOURCE_NODE = `
const { openSync, writeSync } = require('node:fs');
module.exports = (RED) => {
  const file = openSync(process.env.LASTING_RECORD, 'a');
  const note = (kind, id, more = '') => writeSync(file, kind + ' ' + id + more + '\\n');
  // After what the node itself has put off to the end of this turn.
  const nextTurn = (action) => setImmediate(() => setImmediate(action));
  RED.hooks.add('postReceive.lasting', ({ msg, destination }) => {
    if (destination.node.type !== 'dinox-mqtt-out') return;
    note('H', msg.id);
    nextTurn(() => note('T', msg.id));
  });
  RED.hooks.add('onComplete.lasting', ({ msg, error, node }) => {
    if (node.node.type !== 'dinox-mqtt-out') return;
    note(error ? 'E' : 'D', msg.id, error ? ' ' + error.message : '');
    if (!error) nextTurn(() => note('R', msg.id));
  });
  RED.nodes.registerType('lasting-source', function (config) {
    RED.nodes.createNode(this, config);
    const run = Date.now();
    const { burst, every, total = Infinity, size = 0, auto = true, retain = false } = config;
    const topic = config.topicPerRun ? 'kill/' + run : 'kill/t';
    let count = 0;
    let timer;
    // Where it is collected: what is left is in use.
    const memory = (when) => {
      global.gc?.();
      const { heapUsed, external } = process.memoryUsage();
      note('M', when, ' ' + (heapUsed + external));
    };
    const start = () => {
      timer = setInterval(() => {
        for (let i = 0; i < burst && count < total; i++) {
          const id = run + '-' + ++count;
          this.send({ id, topic, payload: id.padEnd(size, '.'), ...(retain && { retain }) });
        }
        if (count < total) return;
        clearInterval(timer);
        setTimeout(() => memory('after'), 500);
      }, every);
    };
    if (auto) start();
    else
      this.on('input', () => {
        memory('before');
        start();
      });
    this.on('close', () => clearInterval(timer));
  });
};
`;

/** A palette entry has to have a page. */
export const SOURCE_PAGE = `<script type="text/javascript">
RED.nodes.registerType('lasting-source', { category: 'test', defaults: {}, inputs: 0, outputs: 1 });
</script>`;

export interface Fate {
  handed: boolean;
  /** Handed over, and a turn of the event loop has passed. */
  turned: boolean;
  done: number;
  errors: string[];
  /** Done, and a turn of the event loop has passed. */
  settled: boolean;
}

/** What the record says, read on from where it was read last. */
export class Record {
  readonly fates = new Map<string, Fate>();
  /** Bytes in use `before` and `after`, where a source was told its `total`. */
  readonly memory: { before?: number; after?: number } = {};
  handed = 0;
  turned = 0;
  /** Messages that were done, with an error or without. */
  ended = 0;
  private at = 0;
  private rest = '';

  constructor(readonly file: string) {
    writeFileSync(file, '');
  }

  read(): this {
    const file = openSync(this.file, 'r');
    const chunk = Buffer.alloc(1_048_576);
    for (;;) {
      const length = readSync(file, chunk, 0, chunk.length, this.at);
      if (length === 0) break;
      this.at += length;
      const lines = (this.rest + chunk.toString('latin1', 0, length)).split('\n');
      this.rest = lines.pop() ?? '';
      for (const line of lines) this.take(line);
    }
    closeSync(file);
    return this;
  }

  private take(line: string): void {
    const [kind = '', id = '', ...rest] = line.split(' ');
    if (kind === 'M') {
      this.memory[id as 'before' | 'after'] = Number(rest[0]);
      return;
    }
    const fate = this.fates.get(id) ?? { handed: false, turned: false, done: 0, errors: [], settled: false };
    this.fates.set(id, fate);
    if (kind === 'H') this.handed += 1;
    if (kind === 'T') this.turned += 1;
    if ((kind === 'D' || kind === 'E') && fate.done + fate.errors.length === 0) this.ended += 1;
    if (kind === 'H') fate.handed = true;
    if (kind === 'T') fate.turned = true;
    if (kind === 'D') fate.done += 1;
    if (kind === 'E') fate.errors.push(rest.join(' '));
    if (kind === 'R') fate.settled = true;
  }
}
