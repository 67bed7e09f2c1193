import assert from 'node:assert/strict';
import { TopicCompletion } from '../../../../../src/plugins/dinox-sidebar/editor/core-topics';
import {
  arePortsOfOne,
  endpointOf,
  Hosts,
} from '../../../../../src/plugins/dinox-sidebar/routes/core-topics';
import { FakeClock } from '../../../transport/fake-clock';

describe('topics for core’s own nodes', () => {
  it('reads where a core broker is', () => {
    const of = (host: unknown, port: unknown, usetls = false): string => {
      const found = endpointOf(host, port, usetls);
      return found ? `${found.host} ${found.port}` : 'none';
    };
    assert.equal(of('Broker.LAN.', '1883'), 'broker.lan 1883');
    assert.equal(of(' broker.lan ', 1884), 'broker.lan 1884');
    assert.equal(of('broker.lan', ''), 'broker.lan 1883');
    assert.equal(of('broker.lan', undefined, true), 'broker.lan 8883');
    assert.equal(of('wss://example.org/mqtt', 1883), 'example.org 443');
    assert.equal(of('mqtts://example.org:8884', 1883), 'example.org 8884');
    assert.equal(of('::1', 1883), '::1 1883');
    assert.equal(of('[::1]', 1883), '::1 1883');
    for (const bad of ['', 'a b', 7, null, {}, 'x'.repeat(400), '${HOST}'.repeat(2)])
      assert.ok(['none', '${host}${host} 1883'].includes(of(bad, 1883)), String(bad));
  });

  it('takes two ports for one server only if they are its usual ones', () => {
    assert.ok(arePortsOfOne(1884, 1884) && arePortsOfOne(1883, 8883));
    assert.ok(!arePortsOfOne(1883, 1884) && !arePortsOfOne(8883, 443));
  });

  it('compares hosts by their addresses, and asks DNS once a minute, and not for ever', async () => {
    const clock = new FakeClock();
    const asked: string[] = [];
    const hosts = new Hosts(clock, async (host) => {
      asked.push(host);
      if (host === 'silent') await new Promise(() => {});
      if (host === 'unknown') throw new Error('ENOTFOUND');
      return host === 'other' ? ['10.0.0.2'] : ['10.0.0.1', 'fd00::1'];
    });
    assert.ok(await hosts.areSame('a', 'a'));
    assert.deepEqual(asked, []);
    assert.ok(await hosts.areSame('a', 'b'));
    assert.ok(!(await hosts.areSame('a', 'other')));
    assert.ok(!(await hosts.areSame('unknown', 'a')));
    assert.deepEqual(asked, ['a', 'b', 'other', 'unknown']);
    clock.advance(61_000);
    assert.ok(await hosts.areSame('a', 'b'));
    assert.equal(asked.length, 6);
    const late = hosts.areSame('silent', 'a');
    clock.advance(2_000);
    assert.equal(await late, false);
  });

  it('looks like the whole line while the list is built, and is the topic where it is written', () => {
    const one = new TopicCompletion('home/x', 'home/x · Lamp · ON');
    // What Node-RED 4.1 and 5 do with a completion.
    const at = one.toLowerCase().indexOf('lamp');
    assert.deepEqual(
      [one.substring(0, at), one.substring(at, at + 4), one.substring(at + 4)],
      ['home/x · ', 'Lamp', ' · ON'],
    );
    assert.equal(one.length, 18);
    assert.equal(`${one}`, 'home/x');
  });
});
