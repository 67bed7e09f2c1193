/**
 * Counts what arrives, for the parent process: `{expect: n}` starts it and is answered with `{armed: true}`, and the
 * n-th arrival with the CPU and wall time since then, in microseconds for each. With `sleep` the whole process then
 * sleeps for so many milliseconds, so that what is sent meanwhile waits in the socket and arrives at once.
 */
module.exports = function counter() {
  let expected = 0;
  let seen = 0;
  let cpu;
  let began = 0n;
  const command = ({ expect, sleep }) => {
    if (expect === undefined) return;
    [expected, seen] = [expect, 0];
    cpu = process.cpuUsage();
    began = process.hrtime.bigint();
    process.send?.({ armed: true }, () => {
      if (sleep) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, sleep);
    });
  };
  process.on('message', command);
  return {
    count() {
      if (expected === 0) return;
      seen += 1;
      if (seen < expected) return;
      const { user, system } = process.cpuUsage(cpu);
      const wall = Number(process.hrtime.bigint() - began) / 1_000;
      expected = 0;
      process.send?.({ batch: { cpu: (user + system) / seen, wall: wall / seen } });
    },
    stop: () => process.off('message', command),
  };
};
