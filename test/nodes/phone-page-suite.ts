/** The page for phones: its shell without a login, its values only with the permission, and only those chosen. */
import assert from 'node:assert/strict';
import { ROOT, type SidebarPlace } from './sidebar-support';

const FILES = [
  '',
  'home.js',
  'home.css',
  'worker.js',
  'manifest.webmanifest',
  'icon.svg',
  'icon-192.png',
  'icon-512.png',
];
const HOSTILE = 'phone/<img src=x onerror=alert(1)>/\u202e"';

export function phonePageSuite(place: SidebarPlace): void {
  const values = (query = '', user = 'reader') => place.get(`/dinox/home/values${query}`, user);
  // biome-ignore lint/suspicious/noExplicitAny: looked at without types.
  const house = (json: any): any => json.connections.find(({ id }: { id: string }) => id === 'house');

  it('GET /dinox/home: a shell without data, for anybody, that runs no script but its own', async () => {
    const url = `${place.nodeRed.url}${ROOT}/dinox/home`;
    const without = await fetch(url, { redirect: 'manual' });
    assert.equal(without.status, 302);
    assert.equal(without.headers.get('location'), 'home/');
    await place.send('phone/shell', 'something-secret');
    for (const name of FILES) {
      const response = await fetch(`${url}/${name}`);
      assert.equal(response.status, 200, name);
      const policy = response.headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
      assert.doesNotMatch(policy, /unsafe/);
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      const text = await response.text();
      assert.doesNotMatch(text, /something-secret|phone\//, name);
      if (name === '') assert.doesNotMatch(text, /<script>|<script [^>]*>[^<]|<style| on\w+=/);
    }
    const { icons, scope } = JSON.parse(await (await fetch(`${url}/manifest.webmanifest`)).text());
    assert.equal(scope, './');
    for (const { src } of icons) assert.equal((await fetch(`${url}/${src}`)).status, 200);
  });

  it('GET /dinox/home/values: only with dinox.read, also for a token that can do no more', async () => {
    for (const user of [undefined, 'stranger', 'deployer', 'prometheus'])
      assert.equal((await place.as(user, 'GET', '/dinox/home/values')).status, 401, user);
    for (const user of ['reader', 'everyReader', 'admin']) assert.equal((await values('', user)).status, 200);
    const { json } = await place.as(undefined, 'POST', '/auth/token', {
      ...{ client_id: 'node-red-editor', grant_type: 'password', scope: 'dinox.read' },
      ...{ username: 'admin', password: 'pw' },
    });
    const own = { Authorization: `Bearer ${json.access_token}` };
    assert.equal((await place.as(undefined, 'GET', '/dinox/home/values', undefined, own)).status, 200);
    assert.equal((await place.as(undefined, 'GET', '/flows', undefined, own)).status, 401);
    const refused = await place.as(undefined, 'POST', '/auth/token', {
      ...{ client_id: 'node-red-editor', grant_type: 'password', scope: 'dinox.read' },
      ...{ username: 'stranger', password: 'pw' },
    });
    assert.equal(refused.status, 403);
    const foreign = { Authorization: `Bearer ${place.tokens.reader}`, 'Sec-Fetch-Site': 'cross-site' };
    assert.equal((await place.as(undefined, 'GET', '/dinox/home/values', undefined, foreign)).status, 403);
  });

  it('gives the chosen topics, those that no flow receives, too, and no others', async () => {
    await place.send('phone/a', '{"value":21.5,"unit":"°C"}');
    await place.send('home/kitchen/temperature', '20');
    await place.send(HOSTILE, '<b>1</b>');
    const { json, text } = await place.until('the tiles', async () => {
      const answer = await values();
      return house(answer.json)?.tiles.length >= 2 && answer;
    });
    const { tiles, whole, connected, leftOut } = house(json);
    assert.deepEqual([whole, connected, leftOut, json.login, json.chosen], [true, true, 0, true, true]);
    assert.ok(tiles.every(({ topic }: { topic: string }) => topic.startsWith('phone/')));
    const tile = tiles.find(({ topic }: { topic: string }) => topic === 'phone/a');
    assert.deepEqual([tile.title, tile.text, tile.unit], ['a', '21.5', '°C']);
    assert.equal(tile.day.last.at(-1), 21.5);
    assert.doesNotMatch(text, /home\/kitchen|somebody/);
  });

  it('gives differences, and all of it again where a topic came or the question is nonsense', async () => {
    await place.send('phone/b', '1');
    const known = await place.until('the topic', async () => {
      const { json } = await values();
      return house(json).tiles.some(({ topic }: { topic: string }) => topic === 'phone/b') && json;
    });
    const since = (json: { connections: { id: string; token: string }[] }) =>
      `?since=${encodeURIComponent(JSON.stringify(json.connections.map(({ id, token }) => [id, token])))}`;
    await place.send('phone/b', '2');
    const changed = await place.until('the change', async () => {
      const { json } = await values(since(known));
      return house(json).tiles.length > 0 && house(json);
    });
    assert.equal(changed.whole, false);
    assert.deepEqual(
      changed.tiles.map(({ topic, text, day }: Record<string, unknown>) => [topic, text, day]),
      [['phone/b', '2', undefined]],
    );
    await place.send('phone/c', '1');
    await place.until('all of it', async () => house((await values(since(known))).json).whole);
    for (const nonsense of [
      '?since=x',
      '?since={}',
      '?since=[[1]]',
      '?since=%5Bnull%5D',
      '?since=a&since=b',
    ]) {
      const { status, json } = await values(nonsense);
      assert.deepEqual([status, house(json).whole], [200, true], nonsense);
    }
  });

  it('of 5,000 topics the first 200 are there, and the number of the others', async () => {
    for (let first = 0; first < 5_000; first += 500)
      await Promise.all(Array.from({ length: 500 }, (_, i) => place.send(`phone/many/${first + i}`, '1')));
    const { tiles } = await place.until('all topics', async () => {
      const one = house((await values()).json);
      return one.leftOut + one.tiles.length >= 5_000 && one;
    });
    assert.equal(tiles.length, 200);
  });

  it('says in the log what of settings.js it cannot use', () => {
    const [line] = place.nodeRed.logLines('warn').filter(({ text }) => text.includes('dinox.home.topics'));
    assert.match(line?.text ?? '', /holds "not#good"/);
  });
}
