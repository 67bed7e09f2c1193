/** kind: what outlives a deploy outlives what the deploy took away. */

import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import { FaultRegistry } from '../../../../src/runtime/broker/subscription-faults';

const FAULT = { kind: 'refused', status: 'refused', text: words('The server refuses it.') } as const;

describe('faults of subscriptions', () => {
  it('who does not come back with a deploy is forgotten; who does finds what was wrong', () => {
    const faults = new FaultRegistry().claim('broker', '');
    for (let deploy = 0; deploy < 3; deploy++) {
      for (let n = 0; n < 1_000; n++) faults.set(`node ${deploy} ${n}`, 'a/#', FAULT);
      assert.equal(faults.of(`node ${deploy} 999`), FAULT, `after ${deploy} deploys there is room`);
      for (let n = 0; n < 1_000; n++) faults.leave(`node ${deploy} ${n}`);
      const back = faults.take(`node ${deploy} 0`);
      assert.equal(back.get('a/#'), FAULT);
      faults.set(`node ${deploy} 0`, 'a/#', FAULT);
      faults.forgetMissing();
      assert.equal(faults.of(`node ${deploy} 0`), FAULT);
      assert.equal(faults.of(`node ${deploy} 1`), undefined);
      faults.take(`node ${deploy} 0`);
    }
  });
});
