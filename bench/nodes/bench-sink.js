/** Counts messages; tells the parent the CPU and wall time between the first and the last of a batch. */
module.exports = (RED) => {
  RED.nodes.registerType('bench-sink', function BenchSink(def) {
    RED.nodes.createNode(this, def);
    let expected = 0;
    let seen = 0;
    let cpu;
    let began = 0n;
    const command = (message) => {
      if (message.expect === undefined) return;
      expected = message.expect;
      seen = 0;
    };
    process.on('message', command);
    // After this turn, when the whole flow is there.
    setImmediate(() => process.send({ flow: true }));
    this.on('input', (_msg, _send, done) => {
      if (expected > 0) {
        seen += 1;
        if (seen === 1) {
          cpu = process.cpuUsage();
          began = process.hrtime.bigint();
        } else if (seen === expected) {
          const { user, system } = process.cpuUsage(cpu);
          const wall = Number(process.hrtime.bigint() - began) / 1_000;
          expected = 0;
          process.send({ batch: { cpu: (user + system) / (seen - 1), wall: wall / (seen - 1), seen } });
        }
      }
      done();
    });
    this.on('close', () => process.off('message', command));
  });
};
