/** The connections on which an alert depends. */
import assert from 'node:assert/strict';
import { watchParents } from '../../../../src/nodes/dinox-alert/parents';
import { FakeClock } from '../../transport/fake-clock';

describe('dinox-alert: a connection as parent', () => {
  function setUp(isConnected: boolean) {
    const clock = new FakeClock();
    const told: string[] = [];
    let change = (): void => {};
    let deployed = (_underWay: boolean): void => {};
    const broker = {
      connected: isConnected,
      onConnected: (watcher: () => void) => {
        change = watcher;
        return () => {
          change = () => {};
        };
      },
    };
    const nodes = new Map<string, object>([['b', { name: 'house', dinox: broker }]]);
    const end = watchParents({
      ...{ clock, translate: (key: string) => key, dependsOn: [{ type: 'connection', broker: 'b' }] },
      RED: { nodes: { getNode: (id: string) => nodes.get(id) ?? null } } as never,
      node: { id: 'a', warn: (said: string) => told.push(said) } as never,
      machine: {
        active: [],
        parent: (key: string, kind: string, isDown: boolean) => {
          told.push(`${key} ${kind} ${isDown ? 'down' : 'up'}`);
          return false;
        },
      } as never,
      deploys: {
        listen: (listener: (underWay: boolean) => void) => {
          deployed = listener;
          return () => {};
        },
      } as never,
    });
    const turn = (connected: boolean): void => {
      broker.connected = connected;
      change();
    };
    return { clock, told, turn, end, nodes, deploy: () => deployed(false) };
  }

  it('that is being made has 30 seconds; one that is lost is down at once', () => {
    const { clock, told, turn } = setUp(false);
    clock.advance(29_000);
    assert.deepEqual(told, []);
    clock.advance(1_000);
    turn(true);
    turn(false);
    assert.deepEqual(
      told,
      ['down', 'up', 'down'].map((one) => `connection house connection ${one}`),
    );
  });

  it('that is there in time is never down; nobody listens after the end', () => {
    const { clock, told, turn, end } = setUp(false);
    turn(true);
    clock.advance(60_000);
    end();
    turn(false);
    clock.advance(60_000);
    assert.deepEqual([...new Set(told)], ['connection house connection up']);
  });

  it('that a deploy takes away is named once, and a new one is watched', () => {
    const { told, turn, nodes, deploy } = setUp(true);
    const house = nodes.get('b');
    nodes.delete('b');
    deploy();
    deploy();
    turn(false);
    nodes.set('b', house ?? {});
    turn(true);
    deploy();
    assert.deepEqual(told, [
      'connection house connection up',
      'warning.dependsBroker',
      'connection house connection up',
    ]);
  });
});
