/** Lessons behind the figures, each with the measurement that decided it (Node 20.20, this machine). */
export const NOTES = [
  '## What makes the difference',
  '',
  '- **Plain messages go past MQTT.js**: PUBLISH packets at QoS 0 need no answer. DinoX reads them directly from the socket’s data, and finds their topics in a table of known ones. MQTT.js gets all other packets, and the order is kept. MQTT.js alone takes 5 µs for a message that has already arrived (*Receiving a burst*), which is half of the floor. With every packet through MQTT.js, a message took 14 instead of 9.6 µs at 10,000 topics, and 15.6 instead of 8.9 µs in a burst.',
  '- **Routing** is a look-up in a map if no filter has a wildcard. Otherwise results are cached, for as many topics as there are wildcard filters, and for at least 5,000. A cache of always 5,000 cost 3.6 instead of 2.1 µs a message at 10,000 topics.',
  '- **A message is made in one piece, with its id.** Node-RED gives an id to a message without one, and its `generateId` takes 0.5 µs, as long as reading a short payload. With its own id, a message takes 0.8 instead of 1.3 µs from routing to `node.send`; the floor takes 1.1.',
  '- **Reading takes turns**: DinoX reads 64 KB at a time instead of up to 2 MB. Fewer messages then wait between two nodes, and the garbage collector has less to do. With 1 KB of JSON this is why DinoX costs less than the floor.',
  '- **Writing gathers** the packets of one turn of the event loop. A system call for each packet was a third of the cost of publishing: 11.4 instead of 7.7 µs at QoS 0.',
  '- **The sidebar’s recorder looks up the topic** and keeps the payload as it came. It copies and reads payloads a second later, at most 250 topics at once; reading 10,000 topics at once held the flows for 50 ms. Alone it takes 0.2 µs a message with one topic, 0.3 with 1,000 and 0.6 with 10,000. Copying at once took 0.3, 0.45 and 0.9 µs. Both were measured with payloads made in advance; with payloads made for each message, and their collection, the recorder takes 0.9 µs with 1,000 topics and 1.2 with 10,000.',
  '- **An open sidebar costs little**: with 5,000 topics at 1,000 messages a second, the whole runtime took 5.2 % of a core while nobody looked, 6.6 % with an editor open, and 4.5 % after it was hidden again. While scrolling, a frame took 8.7 ms of CPU with tiles and 2.6 ms with the tree; at most 33 ms passed between two frames, and none took 50 ms (two cores, Node-RED 4.1, Chromium without a graphics card: `node bench/sidebar.mjs`).',
  '- **MQTT.js writes no debug lines** unless `DEBUG` is set. That saves 0.3 µs a message.',
  '- **JSON is parsed for each node** that receives a message, because this is the cheapest copy. It takes 0.46 µs for 30 bytes and 376 µs for 64 KB. `RED.util.cloneMessage` takes 0.60 and 896 µs, `structuredClone` 0.96 and 1,087 µs.',
  '',
  'One idea was not worth it: a search for U+FFFD in the text instead of `isUtf8` saves 0.04 µs, and makes pictures expensive.',
  '',
  'With thousands of nodes each message meets another node, whose data is in no CPU cache. The column *a node for each topic* shows how much of that cost is the platform’s.',
];
