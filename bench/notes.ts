/** What was learned on the way to the figures: each with the measurement that decided it (Node 20.20, this machine). */
export const NOTES = [
  '## What makes the difference',
  '',
  '- **Plain messages go past MQTT.js**: PUBLISH packets at QoS 0, which nobody has to answer, are read straight out of what the socket gave, their topics found in a table of known ones; all else is left to MQTT.js, and the order is kept. MQTT.js takes 5 µs for a message that lies there already (*Receiving a burst*), which is half of the floor; without it the same took 14 instead of 9.6 µs at 10,000 topics, and 15.6 instead of 8.9 in a burst.',
  '- **Routing** is a look-up in a map where no filter has a wildcard, and a kept result where one has (as many topics as there are wildcard filters, 5,000 at least). Keeping 5,000 whatever the number cost 3.6 µs instead of 2.1 a message at 10,000 topics.',
  "- **A message is made in one piece, with its id.** Node-RED gives an id to a message that has none; its `generateId` takes 0.5 µs, as long as reading a short payload. From routing to `node.send` that made 0.8 µs of 1.3: less than the floor's own 1.1.",
  '- **Reading takes turns**: 64 KB at a time instead of up to 2 MB. Fewer messages wait between two nodes, which the collector thanks: with 1 KB of JSON it is the reason why DinoX costs less than the floor.',
  '- **Writing gathers** the packets of one turn of the event loop. A system call for each was half of what publishing cost: 11.4 to 7.7 µs at QoS 0.',
  '- **The sidebar’s recorder looks up the topic** and keeps the payload as it came; it copies and reads a second later, at most 250 topics at once. Alone it takes 0.2 µs a message with one topic, 0.3 with 1,000 and 0.6 with 10,000; copying at once took 0.3, 0.45 and 0.9 (payloads that lie there already; with those made for each message, and the collector, it is 0.9 with 1,000 and 1.2 with 10,000). A second’s reading of 10,000 topics held the flows for 50 ms.',
  '- **MQTT.js writes no debug lines** unless `DEBUG` is set: 0.3 µs a message.',
  '- **JSON is parsed for each node** that receives a message, because that is the cheapest copy: 0.46 µs for 30 bytes and 376 µs for 64 KB, where `RED.util.cloneMessage` takes 0.60 and 896, `structuredClone` 0.96 and 1,087.',
  '',
  'Not worth it: looking for U+FFFD in the text instead of `isUtf8` saves 0.04 µs and makes pictures expensive.',
  '',
  'With thousands of nodes each message meets another node, and what belongs to that node is in no cache: the column *a node for each topic* shows how much of that is the platform’s.',
];
