/**
 * A Node-RED module for the process that is killed, as text: `lasting-source` hands numbered messages to the flow, and
 * a record is kept of what happened to each, in a file that is written at once and so outlives the process.
 *
 * `H id` handed over to dinox-mqtt-out · `T id` and one turn of the event loop has passed · `D id` done · `E id` done
 * with an error · `R id` done, and one turn has passed.
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
    const { burst, every, total = Infinity, size = 0, auto = true } = config;
    let count = 0;
    let timer;
    const start = () => {
      timer = setInterval(() => {
        for (let i = 0; i < burst && count < total; i++) {
          const id = run + '-' + ++count;
          this.send({ id, topic: 'kill/t', payload: id.padEnd(size, '.') });
        }
        if (count >= total) clearInterval(timer);
      }, every);
    };
    if (auto) start();
    else this.on('input', start);
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

/** What a record says of each message, oldest first. */
export function fatesOf(record: string): Map<string, Fate> {
  const fates = new Map<string, Fate>();
  for (const line of record.split('\n')) {
    const [, kind, id = '', error = ''] = /^([HTDER]) (\d+-\d+) ?(.*)$/.exec(line) ?? [];
    if (!kind) continue;
    const fate = fates.get(id) ?? { handed: false, turned: false, done: 0, errors: [], settled: false };
    fates.set(id, fate);
    if (kind === 'H') fate.handed = true;
    if (kind === 'T') fate.turned = true;
    if (kind === 'D') fate.done += 1;
    if (kind === 'E') fate.errors.push(error);
    if (kind === 'R') fate.settled = true;
  }
  return fates;
}
