/** Why nothing is sent about an alert, and until when. */
import assert from 'node:assert/strict';
import { parseText } from '../../../src/alert/commands';
import { QuietHours } from '../../../src/alert/quiet-hours';
import type { Rules } from '../../../src/alert/rules';
import { sampleView } from '../../../src/nodes/dinox-alert/messages';
import { Harness, NOON } from './support';

const HOUR = 3_600_000;
const ABOVE = { condition: 'above', limits: { limit: 25 } } as const;
const iso = (after: number): string => new Date(NOON + after).toISOString();

describe('alert: why it is quiet', () => {
  const made = (rules: Partial<Rules> = {}): Harness => new Harness({ ...ABOVE, ...rules });
  const quiet = (one: Harness): unknown => {
    const entry = one.machine.keys.map.get('a');
    return entry && sampleView(entry, one.machine, one.clock.now()).quiet;
  };
  const tell = (one: Harness, text: string): string =>
    one.commands.command(parseText(text), { by: 'anna' }).text;

  it('not where everything is told, nor where there is no alert', () => {
    const one = made({ quietHours: QuietHours.parse('11:00-13:00', 'UTC') });
    one.sample('a', 20);
    assert.equal(quiet(one), undefined, 'no alert');
    const two = made();
    two.sample('a', 30);
    assert.equal(quiet(two), undefined, 'told');
  });

  it('a silence, with its end, in the sample, in status, and in what the sidebar gets', () => {
    const one = made();
    one.sample('a', 20);
    tell(one, 'silence a 2h');
    one.sample('a', 30);
    assert.deepEqual(quiet(one), { by: 'silence', until: iso(2 * HOUR) });
    assert.deepEqual(one.commands.open()[0]?.quiet, quiet(one));
    assert.match(tell(one, 'status'), /answer\.quietUntil\(answer\.quiet\.silence\|14:00\)/);
    tell(one, 'unsilence');
    assert.equal(quiet(one), undefined);
  });

  it('quiet hours, unless the alert is critical', () => {
    const one = made({
      quietHours: QuietHours.parse('11:00-13:00', 'UTC'),
      limits: { limit: 25, critical: 50 },
    });
    one.sample('a', 30);
    assert.deepEqual(quiet(one), { by: 'quietHours', until: iso(HOUR) });
    assert.match(tell(one, 'status'), /answer\.quiet\.quietHours\|13:00/);
    one.sample('a', 60);
    assert.equal(quiet(one), undefined);
    const all = made({ quietHours: QuietHours.parse('11:00-13:00', 'UTC'), quietPass: 'all' });
    all.sample('a', 30);
    assert.equal(quiet(all), undefined);
  });

  it('the minimum time between alerts', () => {
    const one = made({ cooldown: HOUR });
    one.sample('a', 30);
    one.sample('a', 20);
    assert.equal(quiet(one), undefined, 'the end was told');
    one.wait(60_000);
    one.sample('a', 30);
    assert.deepEqual(quiet(one), { by: 'cooldown', until: iso(HOUR) });
    one.wait(HOUR);
    assert.equal(quiet(one), undefined);
  });

  it('flapping, until it settles', () => {
    const one = made({ flapCount: 4, flapWindow: HOUR });
    for (const value of [30, 20, 30, 20, 30]) {
      one.sample('a', value);
      one.wait(60_000);
    }
    assert.deepEqual(quiet(one), { by: 'flapping', until: iso(4 * 60_000 + HOUR) });
  });

  it('a silence comes before quiet hours, as it is what somebody asked for', () => {
    const one = made({ quietHours: QuietHours.parse('11:00-13:00', 'UTC') });
    one.sample('a', 30);
    tell(one, 'silence 31d');
    assert.deepEqual(quiet(one), { by: 'silence', until: iso(31 * 24 * HOUR) });
    assert.match(tell(one, 'status'), /2026-04-10 12:00/, 'another day is named');
  });
});
