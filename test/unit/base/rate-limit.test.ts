import assert from 'node:assert/strict';
import { RateLimit, TooOften } from '../../../src/base/rate-limit';
import { type Handler, Routes } from '../../../src/runtime/admin/routes';
import { ConnectionTests, type TestTools } from '../../../src/runtime/connection-test/connection-test';
import { FakeClock } from '../transport/fake-clock';

describe('rate limit', () => {
  const seconds = (action: () => unknown): number => {
    try {
      action();
      return 0;
    } catch (error) {
      assert.ok(error instanceof TooOften);
      return error.seconds;
    }
  };

  it('lets so many through within so long, for each key, and says when there may be another', () => {
    const clock = new FakeClock();
    const limit = new RateLimit<string>(clock, 2, 60_000);
    const take = (key: string): number => seconds(() => limit.take(key));
    assert.deepEqual([take('a'), take('b')], [0, 0]);
    clock.advance(20_000);
    assert.deepEqual([take('a'), take('a'), take('b')], [0, 40, 0]);
    clock.advance(39_999);
    assert.equal(take('a'), 1, 'what was refused does not count');
    clock.advance(1);
    assert.deepEqual([take('a'), take('a')], [0, 20]);
  });

  it('measures its minute with the steady clock: neither set back nor set forward does anything', () => {
    const clock = new FakeClock();
    const limit = new RateLimit<string>(clock, 1, 60_000);
    limit.take('a');
    for (const jump of [-3_600_000, 2 * 3_600_000, -366 * 86_400_000]) {
      clock.set(jump);
      assert.equal(
        seconds(() => limit.take('a')),
        60,
      );
    }
    clock.advance(60_000);
    assert.equal(
      seconds(() => limit.take('a')),
      0,
    );
  });

  it('answers 429 over the routes of the sidebar, with the seconds as header, number and word', async () => {
    let handler: Handler = () => {};
    const admin = {
      get: () => {},
      post: (_path: string, ...handlers: unknown[]) => (handler = handlers.at(-1) as Handler),
    };
    const routes = new Routes(admin as never, () => () => {});
    routes.post('/x', () => {
      throw new TooOften(7);
    });
    const answer: unknown[] = [];
    const response = {
      set: (...header: string[]) => answer.push(header.join(' ')),
      status: (code: number) => {
        answer.push(code);
        return response;
      },
      json: (body: unknown) => answer.push(body),
    };
    await handler({ headers: { 'content-type': 'application/json' } } as never, response as never);
    const { text } = new TooOften(7);
    const error = 'Too many requests. Try again in 7 s.';
    const body = { code: 'often', params: { seconds: 7 }, error, text };
    assert.deepEqual(answer, ['Cache-Control no-store', 'Retry-After 7', 429, body]);
  });

  it('bounds how many connection tests begin in a minute', () => {
    const tests = new ConnectionTests({
      ...{ clock: new FakeClock(), random: () => 'id', loadMqtt: () => Promise.reject(new Error('unused')) },
      lookups: () => ({}) as ReturnType<TestTools['lookups']>,
    });
    const request = { question: {}, secrets: {}, tls: {}, payloadType: 'json' };
    let begun = 0;
    const start = (): void => {
      tests.cancel(tests.start(request as Parameters<typeof tests.start>[0]));
      begun += 1;
    };
    assert.equal(
      seconds(() => {
        for (;;) start();
      }),
      60,
    );
    assert.equal(begun, 15);
  });
});
