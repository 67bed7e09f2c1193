/** The platform's floor of receiving: MQTT.js, JSON.parse and one send (or `copies`), with nothing around it. */
module.exports = (RED) => {
  RED.nodes.registerType('bench-floor', function BenchFloor(def) {
    RED.nodes.createNode(this, def);
    const mqtt = require('mqtt');
    const client = mqtt.connect(`mqtt://127.0.0.1:${def.port}`, { protocolVersion: def.version });
    client.on('connect', () => client.subscribe(def.topic));
    client.on('message', (topic, payload, packet) => {
      for (let copy = 0; copy < def.copies; copy++) {
        this.send({ topic, payload: JSON.parse(payload.toString()), qos: packet.qos, retain: packet.retain });
      }
    });
    this.on('close', (done) => client.end(true, () => done()));
  });
};
