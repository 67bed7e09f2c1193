import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Preset } from '../../../../src/answers/presets';
import { inEnglish } from '../../../../src/base/english';
import { Recorder } from '../../../../src/recorder/recorder';
import { Broker } from '../../../../src/runtime/broker/broker';
import { SubscriptionFaults } from '../../../../src/runtime/broker/subscription-faults';
import { DeployWatcher } from '../../../../src/runtime/handover/deploy-watcher';
import { chatHandover, HandoverStore } from '../../../../src/runtime/handover/handover-store';
import { FakeClock } from '../../transport/fake-clock';

describe('a connection that is disabled', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-disabled-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function make(isDisabled: boolean): Broker {
    const clock = new FakeClock();
    return new Broker({
      ...{ id: 'house', raw: { configVersion: 1 }, credentials: {}, clientId: 'dinox-1' },
      ...{ tls: undefined as never, reconnectMin: undefined, queueFile: undefined },
      tools: {
        ...{ clock, random: () => 0 },
        findPlan: () => Promise.reject(new Error('nobody connects')),
        loadMqtt: () => Promise.reject(new Error('nobody connects')),
      },
      presetsFile: join(folder, 'presets.json'),
      namesFile: join(folder, 'names.json'),
      isDisabled: () => isDisabled,
      shown: { installation: 'test', id: 'house', name: '', file: undefined },
      recorder: new Recorder(clock),
      handovers: new HandoverStore(clock),
      inboundHandovers: new HandoverStore(clock),
      chatHandover: chatHandover(clock),
      faults: new SubscriptionFaults(),
      deploys: new DeployWatcher(new EventEmitter(), clock),
      log: { info: () => {}, warn: () => {}, error: () => {} },
      read: inEnglish,
      translate: (key) => key,
      changed: () => {},
    });
  }

  const night: Preset = { name: 'Night', topic: 'home/x', payload: '1', qos: 0, retain: false, chat: false };

  for (const [isDisabled, what] of [
    [true, 'keeps what people saved and named by hand'],
    [false, 'takes it along when it is deleted instead'],
  ] as const)
    it(what, async () => {
      const first = make(isDisabled);
      assert.equal(first.presets.memory.save(night), undefined);
      first.chat.answering.aliases.set('home/lamp', 'lamp');
      await first.close(false);
      assert.ok(existsSync(join(folder, 'names.json')));
      const second = make(isDisabled);
      assert.ok(second.chat.answering.aliases);
      await second.close(true);
      const third = make(isDisabled);
      assert.equal(third.presets.memory.all.length, isDisabled ? 1 : 0);
      assert.equal(existsSync(join(folder, 'names.json')), isDisabled);
      await third.close(false);
    });
});
