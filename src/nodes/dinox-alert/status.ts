import type { NodeStatus } from 'node-red';
import type { AlertMachine } from '../../alert/machine';
import { wellKey } from '../../alert/status-overview';
import type { Clock } from '../../base/clock';
import type { Translate } from '../../base/translate';

/** Shortest time between two statuses, in milliseconds, because each goes to every open editor. */
const PACE = 1_000;

/** @param devices number of devices; undefined: the node watches values */
export function alertStatus(machine: AlertMachine, translate: Translate, devices?: number): NodeStatus {
  const { active, keys } = machine;
  if (!machine.enabled) return { fill: 'grey', shape: 'ring', text: translate('status.disabled') };
  let firing = 0;
  let critical = 0;
  let nodata = 0;
  for (const { state, episode } of active) {
    if (!episode) continue;
    if (state === 'nodata') nodata += 1;
    else firing += 1;
    if (episode.severity === 'critical') critical += 1;
  }
  const pending = machine.waiting.size;
  const parts = [
    firing > 0 ? translate('status.firing', { count: firing }) : '',
    nodata > 0 ? translate('status.nodata', { count: nodata }) : '',
    pending > 0 ? translate('status.pending', { count: pending }) : '',
    machine.connectionWatch.isAway ? translate('status.away') : '',
    machine.silences.all.length > 0 ? translate('status.silenced') : '',
    machine.notifier.quiet && machine.rules.quietPass !== 'all' ? translate('status.quietHours') : '',
  ].filter((part) => part !== '');
  const isWell = firing + nodata + pending === 0;
  const text = parts.join(' · ');
  if (isWell) {
    const normal =
      devices !== undefined
        ? translate(devices === 0 ? 'status.devicesNone' : 'status.devices', { count: devices })
        : keys.map.size === 1 && keys.map.has('')
          ? translate('status.normalOne')
          : translate(`status.${wellKey(keys.map.size)}`, { count: keys.map.size });
    const isPlain = !machine.connectionWatch.isAway && (devices ?? keys.map.size) > 0;
    return {
      fill: isPlain ? 'green' : 'grey',
      shape: isPlain ? 'dot' : 'ring',
      text: [normal, text].filter((part) => part !== '').join(' · '),
    };
  }
  if (firing + nodata === 0) return { fill: 'yellow', shape: 'ring', text };
  return { fill: 'red', shape: critical > 0 ? 'dot' : 'ring', text };
}

/** Shows statuses, but not all of them: the first at once, then the newest at a bounded pace. */
export class PacedStatus {
  private shown = '';
  private stop: (() => void) | undefined;
  private wanted = false;

  constructor(
    private readonly clock: Clock,
    private readonly look: () => NodeStatus,
    private readonly show: (status: NodeStatus) => void,
  ) {}

  changed(): void {
    if (this.stop) {
      this.wanted = true;
      return;
    }
    const status = this.look();
    const key = JSON.stringify(status);
    if (key !== this.shown) {
      this.shown = key;
      this.show(status);
    }
    this.stop = this.clock.after(PACE, () => {
      this.stop = undefined;
      if (!this.wanted) return;
      this.wanted = false;
      this.changed();
    });
  }

  close(): void {
    this.stop?.();
    // Nothing more is shown.
    this.stop = () => undefined;
  }
}
