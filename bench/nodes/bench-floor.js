/** The platform's floor: MQTT.js, JSON.parse and one send, with nothing around it. */
module.exports = (RED) => {
  RED.nodes.registerType('bench-floor', function BenchFloor(def) {
    RED.nodes.createNode(this, def);
    const mqtt = require('mqtt');
    const client = mqtt.connect(`mqtt://127.0.0.1:${def.port}`, { protocolVersion: def.version });
    client.on('connect', () => client.subscribe(def.topic, () => process.send({ ready: true })));
    client.on('message', (topic, payload, packet) => {
      this.send({ topic, payload: JSON.parse(payload.toString()), qos: packet.qos, retain: packet.retain });
    });
    this.on('close', (done) => client.end(true, () => done()));
  });
};
