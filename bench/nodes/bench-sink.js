const counter = require('./counter.js');

/** The end of every flow: counts what arrives. */
module.exports = (/** @type {import('node-red').NodeAPI} */ RED) => {
  RED.nodes.registerType('bench-sink', function BenchSink(def) {
    RED.nodes.createNode(this, def);
    const arrivals = counter();
    this.on('input', (_msg, _send, done) => {
      arrivals.count();
      done();
    });
    this.on('close', () => arrivals.stop());
  });
};
