import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import english from '../../../../../src/plugins/dinox-sidebar/locales/en-US.json';
import { type Refusal, refuseForged } from '../../../../../src/runtime/admin/routes';

const FOLDER = join(__dirname, '../../../../../src/plugins/dinox-sidebar');

function has(key: string): boolean {
  let place: unknown = english['dinox-sidebar'];
  for (const level of key.split('.')) place = (place as Record<string, unknown> | undefined)?.[level];
  return place !== undefined;
}

describe('sidebar: texts', () => {
  const source = (folder: string) =>
    readdirSync(join(FOLDER, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(FOLDER, folder, name), 'utf8'));

  it('has a text for every key that the editor says', () => {
    const keys = source('editor').flatMap((code) =>
      [...code.matchAll(/\btranslate\(\s*'([^'$]+)'/g)].map(([, key = '']) => key),
    );
    assert.ok(keys.length > 80, `${keys.length} keys`);
    assert.deepEqual(
      keys.filter((key) => !has(key)),
      [],
    );
  });

  it('has a text for every refusal of a route', () => {
    const codes = source('routes').flatMap((code) =>
      [...code.matchAll(/new Refusal\(\d+, '(\w+)'\)/g)].map(([, one = '']) => one),
    );
    assert.ok(codes.length > 8, `${codes.length} codes`);
    assert.deepEqual(
      codes.filter((one) => !has(`error.${one}`)),
      [],
    );
  });
});

describe('sidebar: forged origins', () => {
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const refused = (headers: Record<string, string>): number => {
    try {
      refuseForged(headers);
      return 0;
    } catch (error) {
      return (error as Refusal).status;
    }
  };

  const cases: [string, Record<string, string>, number][] = [
    ['a program', json, 0],
    ['our own page', { ...json, 'sec-fetch-site': 'same-origin', origin: 'https://a', host: 'b' }, 0],
    ['our own page, without the header', { ...json, origin: 'http://red.lan:1880', host: 'red.lan:1880' }, 0],
    [
      'behind a proxy',
      { ...json, origin: 'https://red.example', host: 'x', 'x-forwarded-host': 'red.example' },
      0,
    ],
    ['another page', { ...json, 'sec-fetch-site': 'cross-site' }, 403],
    ['a neighbour', { ...json, 'sec-fetch-site': 'same-site' }, 403],
    ['another origin', { ...json, origin: 'https://evil.example', host: 'red.lan' }, 403],
    ['another port', { ...json, origin: 'http://red.lan:8080', host: 'red.lan:1880' }, 403],
    ['a page in a sandbox', { ...json, origin: 'null', host: 'red.lan' }, 403],
    ['nonsense', { ...json, origin: '%%%', host: '' }, 403],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['text that is JSON', { 'content-type': 'text/plain; application/json' }, 415],
    ['nothing', {}, 415],
  ];
  for (const [who, headers, status] of cases) {
    it(`${status === 0 ? 'lets' : 'keeps'} ${who} ${status === 0 ? 'in' : 'out'}`, () =>
      assert.equal(refused(headers), status));
  }
});
