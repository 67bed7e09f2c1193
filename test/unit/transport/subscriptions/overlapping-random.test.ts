/** Each message once for each node, whatever subscribes and unsubscribes while messages are under way. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Subscription } from '../../../../src/transport/subscriptions/subscription-set';
import { naiveMatch } from '../../topics/reference-router';
import { type Copies, Receiver, type Stage, setTheStage } from '../fake-server';

const FILTERS = ['a', 'a/b', 'a/+', 'a/#', '#', '+/b', 'b/#'];
const TOPICS = ['a', 'a/b', 'b/b', 'c'];
const OWNERS = ['one', 'two', 'three'];
/** Refused by the server. */
const FORBIDDEN = 'a/b';

type Step =
  | { kind: 'add'; owner: number; filter: string }
  | { kind: 'remove'; which: number }
  | { kind: 'publish'; topic: string }
  | { kind: 'flush' | 'serve' | 'bring' | 'reconnect' | 'settle' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('add'),
      owner: fc.nat(OWNERS.length - 1),
      filter: fc.constantFrom(...FILTERS),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove'), which: fc.nat(20) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('publish'), topic: fc.constantFrom(...TOPICS) }) },
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constantFrom('flush', 'serve', 'serve', 'bring', 'bring', 'bring') }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('settle', 'settle', 'settle', 'reconnect') }) },
) as fc.Arbitrary<Step>;

interface Message {
  topic: string;
  /** Owners that had a confirmed subscription when it reached the server, and have it still. */
  must: Set<Subscription>;
}

class Scenario {
  private readonly stage: Stage;
  private readonly receivers = OWNERS.map((owner) => new Receiver(owner));
  private readonly current: { subscription: Subscription; confirmed: boolean }[] = [];
  private readonly messages: Message[] = [];

  constructor(
    private readonly rules: Rules,
    private readonly refusing: boolean,
  ) {
    this.stage = setTheStage({
      v5: rules.v5,
      copies: rules.copies,
      ...(rules.type ? { type: rules.type } : {}),
    });
    this.connect();
  }

  run(one: Step): void {
    const { stage } = this;
    switch (one.kind) {
      case 'add': {
        const receiver = this.receivers[one.owner] as Receiver;
        const base = receiver.subscription(one.filter);
        const entry = { subscription: base, confirmed: false };
        entry.subscription = {
          ...base,
          granted: () => {
            entry.confirmed = true;
          },
        };
        this.betweenMessages();
        this.current.push(entry);
        stage.set.add(entry.subscription);
        if (this.rules.calm) this.settle();
        break;
      }
      case 'remove': {
        const [entry] = this.current.splice(one.which % Math.max(1, this.current.length), 1);
        if (!entry) return;
        this.betweenMessages();
        stage.set.remove(entry.subscription);
        for (const { must } of this.messages) must.delete(entry.subscription);
        if (this.rules.calm) this.settle();
        break;
      }
      case 'publish': {
        const { topic } = one;
        const sure = this.current.filter(
          ({ confirmed, subscription }) => confirmed && naiveMatch(subscription.filter, topic),
        );
        this.messages.push({ topic, must: new Set(sure.map(({ subscription }) => subscription)) });
        stage.server.arrive(topic, String(this.messages.length - 1), false);
        break;
      }
      case 'flush':
        stage.set.flush();
        break;
      case 'serve':
        stage.server.serve();
        break;
      case 'bring':
        stage.server.bring();
        break;
      case 'settle':
        this.settle();
        break;
      case 'reconnect':
        this.settle();
        stage.set.disconnected();
        for (const entry of this.current) entry.confirmed = false;
        this.connect();
        break;
    }
  }

  /** Nothing changes between two copies of one message. */
  private betweenMessages(): void {
    if (this.rules.calm) this.settle();
    while (this.stage.server.bring());
  }

  settle(): void {
    this.stage.settle();
    // A probe ends by itself.
    this.stage.clock.advance(200);
    this.stage.settle();
  }

  /** How many messages somebody had to get, and how many came at all. */
  check(): { must: number; came: number } {
    this.settle();
    let [must, came] = [0, 0];
    this.messages.forEach((message, number) => {
      for (const receiver of this.receivers) {
        const times = receiver.got.filter(({ payload }) => Number(payload.toString()) === number).length;
        const what = `${receiver.owner} got ${message.topic} ${number}`;
        assert.ok(times <= 1, `${what} ${times} times`);
        const had = [...message.must].some(({ owner }) => owner === receiver.owner);
        if (had) assert.equal(times, 1, `${what} ${times} times`);
        must += had ? 1 : 0;
        came += times;
      }
    });
    for (const receiver of this.receivers) {
      for (const { topic } of receiver.got) assert.ok(TOPICS.includes(topic), `${topic} is not for flows`);
    }
    return { must, came };
  }

  private connect(): void {
    const server = this.stage.connect();
    if (this.refusing) server.refuses.set(FORBIDDEN, 135);
  }
}

interface Rules {
  name: string;
  v5: boolean;
  copies: Copies;
  type?: 'ejabberd' | 'mosquitto';
  /** Nothing is under way while subscriptions change: the copies of MQTT 3.1.1 do not say whose they are. */
  calm?: boolean;
}

const RULES: Rules[] = [
  { name: 'MQTT 5, a copy with an id for each filter (ejabberd, Mosquitto)', v5: true, copies: 'each' },
  { name: 'MQTT 5, one packet with all ids', v5: true, copies: 'merged' },
  { name: 'MQTT 3.1.1, one copy', v5: false, copies: 'once', calm: true },
  {
    name: 'MQTT 3.1.1, a copy for each filter, as has to be found out',
    v5: false,
    copies: 'each',
    calm: true,
  },
  { name: 'MQTT 3.1.1, ejabberd', v5: false, copies: 'each', type: 'ejabberd', calm: true },
];

describe('each message once for each node', () => {
  for (const rules of RULES) {
    for (const refusing of [false, true]) {
      it(`${rules.name}${refusing ? '; one filter is refused' : ''}`, () => {
        const total = { must: 0, came: 0 };
        fc.assert(
          fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
            const scenario = new Scenario(rules, refusing);
            for (const one of steps) scenario.run(one);
            const { must, came } = scenario.check();
            total.must += must;
            total.came += came;
          }),
          { numRuns: 500 },
        );
        assert.ok(total.must > 200, JSON.stringify(total));
      });
    }
  }
});
