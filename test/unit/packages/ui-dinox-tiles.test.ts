/** The browsers of a dashboard belong to anybody: what one of them asks for must not keep the others from their tiles. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { NodeAPI } from 'node-red';
import { registerUiDinoxTiles } from '../../../packages/node-red-dashboard-2-dinox/src/ui-dinox-tiles';

type Ask = (socket: unknown, id: unknown, token: unknown, answer: unknown) => void;

describe('ui-dinox-tiles: what browsers ask', () => {
  let ask: Ask;
  let now = 0;
  let reads: ((answer: object) => void)[];
  let answers: Record<string, unknown>[];
  const answer = (said: object): number => answers.push(said as Record<string, unknown>);

  beforeEach(() => {
    now = 1_000;
    reads = [];
    answers = [];
    const group = {
      register: (_node: unknown, _config: unknown, { onSocket }: { onSocket: Record<string, Ask> }) => {
        ask = onSocket['dinox-tiles'] as Ask;
      },
    };
    const open = { read: () => new Promise((done) => reads.push(done)), close: async () => {} };
    const broker = { dinoxTiles: { version: 1, open: () => open } };
    const RED = {
      _: (key: string) => key,
      nodes: {
        createNode: (node: object) =>
          Object.assign(node, {
            id: 'n',
            on: () => {},
            error: assert.fail,
            warn: assert.fail,
            status: () => {},
          }),
        getNode: (id: string) => (id === 'g' ? group : broker),
        registerType: (_type: string, make: new (def: object) => object) =>
          new make({ group: 'g', broker: 'b', topics: 'a/#' }),
      },
    };
    registerUiDinoxTiles(RED as unknown as NodeAPI, () => now);
  });

  const finish = async (): Promise<void> => {
    for (const done of reads.splice(0)) done({ tiles: [] });
    await setImmediate();
  };

  it('one browser has one question at a time, and a pause behind it; others are answered', async () => {
    const [one, two] = [{}, {}];
    for (let n = 0; n < 100; n++) ask(one, 'n', '', answer);
    ask(two, 'n', '', answer);
    assert.equal(reads.length, 2);
    assert.ok(answers.length === 99 && answers.every(({ fault }) => fault === 'busy'));
    await finish();
    ask(one, 'n', '', answer);
    assert.equal(reads.length, 0);
    now += 500;
    ask(one, 'n', '', answer);
    assert.equal(reads.length, 1);
  });

  it('a browser that is gone when its answer comes costs nothing', async () => {
    const failures: unknown[] = [];
    const note = (reason: unknown): number => failures.push(reason);
    process.on('unhandledRejection', note);
    ask({}, 'n', '', () => {
      throw new Error('gone');
    });
    await finish();
    await setImmediate();
    process.off('unhandledRejection', note);
    assert.deepEqual(failures, []);
  });

  it('no other node is asked, and nothing but a function is answered', () => {
    ask({}, 'other', '', answer);
    ask({}, 'n', '', 'answer');
    assert.deepEqual([reads.length, answers.length], [0, 0]);
  });
});
