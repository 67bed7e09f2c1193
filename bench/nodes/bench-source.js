/** @typedef {import('node-red').NodeDef & { until?: string }} BenchSourceDef */

/**
 * The beginning of the publishing flows: on `{publish: n}` from the parent process sends n messages, at most 1,000 of
 * them under way, and answers with the CPU and wall time until the last is done, in microseconds for each.
 */
module.exports = (/** @type {import('node-red').NodeAPI} */ RED) => {
  RED.nodes.registerType('bench-source', function BenchSource(/** @type {BenchSourceDef} */ def) {
    RED.nodes.createNode(this, def);
    const [[target]] = /** @type {{ wires: string[][] }} */ (/** @type {unknown} */ (this)).wires;
    let left = 0;
    let underway = 0;
    let finished = () => {};
    const more = () => {
      while (left > 0 && underway < 1_000) {
        left -= 1;
        underway += 1;
        this.send({ topic: 'bench/out/value', payload: { value: 21.5, unit: 'C', n: 1 } });
      }
    };
    let scheduled = false;
    const over = (id, error) => {
      if (id !== target) return;
      if (error) throw error;
      underway -= 1;
      if (left === 0) {
        if (underway === 0) finished();
      } else if (!scheduled) {
        scheduled = true;
        setImmediate(() => {
          scheduled = false;
          more();
        });
      }
    };
    // Core's filter never says that it is done.
    if (def.until === 'received')
      RED.hooks.add('postReceive.bench', ({ destination }) => over(destination.id));
    else RED.hooks.add('onComplete.bench', ({ node: { id }, error }) => over(id, error));
    const command = ({ publish }) => {
      if (publish === undefined) return;
      const cpu = process.cpuUsage();
      const began = process.hrtime.bigint();
      finished = () => {
        const { user, system } = process.cpuUsage(cpu);
        const wall = Number(process.hrtime.bigint() - began) / 1_000;
        process.send?.({ batch: { cpu: (user + system) / publish, wall: wall / publish } });
      };
      left = publish;
      more();
    };
    process.on('message', command);
    this.on('close', () => {
      RED.hooks.remove('*.bench');
      process.off('message', command);
    });
  });
};
