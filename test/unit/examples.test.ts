import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

interface ExampleNode {
  id: string;
  type: string;
  name?: string;
  wires?: string[][];
  senderr?: boolean;
  complete?: string;
  targetType?: string;
}

const FOLDER = join(__dirname, '../../examples');
/** The one of Node-RED. */
const jsonata = createRequire(require.resolve('node-red'))('jsonata') as (expression: string) => {
  evaluate(input: object): Promise<unknown>;
};

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

  it('a key of a web service is not shown where its answer is: an error of the request names the address', async () => {
    const nodes = JSON.parse(readFileSync(join(FOLDER, 'fuel-prices.json'), 'utf8')) as ExampleNode[];
    const { complete = '', targetType } = nodes.find(({ id }) => id === 'dinox-fuel-failed') ?? {};
    assert.equal(targetType, 'jsonata');
    const shown = async (payload: unknown): Promise<unknown> => await jsonata(complete).evaluate({ payload });
    const error = 'RequestError: connect ECONNREFUSED : https://x.example/prices.php?ids=1,2&apikey=k3y';
    assert.equal(await shown(error), error.replace('k3y', '…'));
    assert.equal(await shown({ ok: false, message: 'no key' }), '{"ok":false,"message":"no key"}');
  });
});
