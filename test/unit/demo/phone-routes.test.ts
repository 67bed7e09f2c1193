import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Phone } from '../../../scripts/demo/phone/phone';
import { phoneRoutes } from '../../../scripts/demo/phone/routes';

/** A page that reads what it gets, or does not. */
class Page extends EventEmitter {
  status = 0;
  headersSent = false;
  writableNeedDrain = false;
  readonly got: string[] = [];

  writeHead(status: number): this {
    this.status = status;
    this.headersSent = true;
    return this;
  }

  write(text: string): boolean {
    this.got.push(text);
    return !this.writableNeedDrain;
  }

  end(text = ''): this {
    this.got.push(text);
    return this;
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the routes of the phone of npm start', () => {
  let said = 'nothing';
  const setUp = () => {
    const phone = {
      onChange: () => {},
      get state() {
        return { said };
      },
    };
    const routes = phoneRoutes(phone as unknown as Phone, new Map([['index.html', Buffer.from('page')]]));
    const ask = (url: string, host: string, method = 'GET') => {
      const page = new Page();
      const request = { url, method, headers: { host } } as unknown as IncomingMessage;
      return { page, isTaken: routes.handle(request, page as unknown as ServerResponse) };
    };
    const change = (what: string) => {
      said = what;
      phone.onChange();
      return turn();
    };
    return { routes, ask, change };
  };

  it('give a page that does not read one event when it does, and not all that it missed', async () => {
    const { routes, ask, change } = setUp();
    const [slow, quick] = [ask('/phone/events', 'localhost').page, ask('/phone/events', 'localhost').page];
    slow.writableNeedDrain = true;
    for (let n = 1; n <= 50; n += 1) await change(`text ${n}`);
    assert.deepEqual([slow.got.length, quick.got.length], [1, 51]);
    slow.writableNeedDrain = false;
    slow.emit('drain');
    slow.emit('drain');
    assert.deepEqual(slow.got.slice(1), ['data: {"said":"text 50"}\n\n']);
    await change('text 51');
    assert.equal(slow.got.length, 3);
    routes.close();
  });

  it('refuse a site that has this address under its own name, for the editor as for the phone', () => {
    const { routes, ask } = setUp();
    for (const host of ['127.0.0.1:1880', 'localhost:1880', '[::1]:1880', 'localhost']) {
      assert.equal(ask('/flows', host, 'POST').isTaken, false, host);
      assert.equal(ask('/phone/', host).page.status, 200, host);
    }
    for (const host of ['evil.example:1880', '127.0.0.1.evil.example', 'localhost.evil.example:1880', '']) {
      for (const url of ['/', '/flows', '/phone/', '/phone', '/phone/events']) {
        const { page, isTaken } = ask(url, host, url === '/flows' ? 'POST' : 'GET');
        assert.deepEqual([isTaken, page.status], [true, 403], `${host}${url}`);
        assert.match(page.got.join(), /127\.0\.0\.1/);
      }
    }
    routes.close();
  });
});
