import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface ExampleNode {
  id: string;
  type: string;
  name?: string;
  wires?: string[][];
  senderr?: boolean;
}

const FOLDER = join(__dirname, '../../examples');

describe('examples', () => {
  it('publish and send no error of a web request: it names the address, and a password may stand there', () => {
    let asked = 0;
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json'))) {
      const nodes = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as ExampleNode[];
      for (const node of nodes.filter(({ type }) => type === 'http request')) {
        asked += 1;
        const next = new Set(node.wires?.flat());
        const isSent = nodes.some(({ id, type }) => next.has(id) && /^(dinox-mqtt-out|xmpp-out)$/.test(type));
        assert.ok(!isSent || node.senderr === true, `${file}: ${node.name}`);
      }
    }
    assert.ok(asked > 0);
  });
});
