/** @typedef {import('node-red').NodeDef & { port: number, version: 4 | 5, qos: 0 | 1 | 2 }} BenchFloorOutDef */

/** The platform's floor of publishing: one input, JSON.stringify and MQTT.js, with nothing around it. */
module.exports = (/** @type {import('node-red').NodeAPI} */ RED) => {
  RED.nodes.registerType('bench-floor-out', function BenchFloorOut(/** @type {BenchFloorOutDef} */ def) {
    RED.nodes.createNode(this, def);
    const mqtt = require('mqtt');
    const client = mqtt.connect(`mqtt://127.0.0.1:${def.port}`, { protocolVersion: def.version });
    this.on('input', (msg, _send, done) => {
      client.publish(msg.topic ?? '', JSON.stringify(msg.payload), { qos: def.qos }, done);
    });
    this.on('close', (done) => client.end(true, () => done()));
  });
};
