/** @typedef {import('node-red').NodeDef & { port: number, version: 4 | 5, topic: string, copies: number }} BenchFloorDef */
/** @typedef {import('node-red').NodeDef & { topic: string }} BenchFloorOneDef */

/**
 * The platform's floor of receiving: MQTT.js, JSON.parse and one send (or `copies`), with nothing around it. Nodes of
 * the type `bench-floor-one` take its place as senders, each for its topic: what the platform costs with many nodes.
 */
module.exports = (/** @type {import('node-red').NodeAPI} */ RED) => {
  const senders = new Map();

  RED.nodes.registerType('bench-floor', function BenchFloor(/** @type {BenchFloorDef} */ def) {
    RED.nodes.createNode(this, def);
    const mqtt = require('mqtt');
    const client = mqtt.connect(`mqtt://127.0.0.1:${def.port}`, { protocolVersion: def.version });
    client.on('connect', () => client.subscribe(def.topic));
    client.on('message', (topic, payload, packet) => {
      const sender = senders.get(topic) ?? this;
      for (let copy = 0; copy < def.copies; copy++) {
        sender.send({
          topic,
          payload: JSON.parse(payload.toString()),
          qos: packet.qos,
          retain: packet.retain,
        });
      }
    });
    this.on('close', (done) => client.end(true, () => done()));
  });

  RED.nodes.registerType('bench-floor-one', function BenchFloorOne(/** @type {BenchFloorOneDef} */ def) {
    RED.nodes.createNode(this, def);
    senders.set(def.topic, this);
    this.on('close', () => senders.delete(def.topic));
  });
};
