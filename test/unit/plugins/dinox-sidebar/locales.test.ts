import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import english from '../../../../src/plugins/dinox-sidebar/locales/en-US.json';

const FOLDER = join(__dirname, '../../../../src/plugins/dinox-sidebar');

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
});
