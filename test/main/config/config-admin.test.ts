// The admin key of the configuration file: a secret like others, long enough, and no client's.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfigFile } from '../../../main/config/config-file.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const ENVIRONMENT = {
  ADMIN: 'admin-key-0123456789',
  SHORT: 'only-fifteen-ch',
  SPACES: 'a key with spaces in it',
  IDE_KEY: 'ide-key-0123456789',
};

function read(content: object) {
  const path = join(makeTempFolder(), 'patchbay.json');
  writeFileSync(path, JSON.stringify(content));
  return readConfigFile(path, ENVIRONMENT, []);
}

test('is read from where it is kept', () => {
  expect(read({ adminKey: 'env:ADMIN' }).adminKey).toBe(ENVIRONMENT.ADMIN);
  expect(read({}).adminKey).toBeUndefined();
});

test.each([
  [{ adminKey: 'admin-key-0123456789' }, 'adminKey: a secret does not belong into this file'],
  [{ adminKey: 'env:NOWHERE' }, 'adminKey: the environment variable NOWHERE is not set'],
  [{ adminKey: 'env:SHORT' }, 'adminKey: must have at least 16 characters'],
  [{ adminKey: 'env:SPACES' }, 'adminKey: holds spaces or characters that no header can carry'],
  [
    { adminKey: 'env:IDE_KEY', clientKeys: [{ name: 'ide', key: 'env:IDE_KEY' }] },
    'adminKey: is the same as clientKeys[0].key; clients must not administrate',
  ],
  [{ adminKye: 'env:ADMIN' }, 'did you mean "adminKey"?'],
])('%j is a mistake', (content, fault) => {
  expect(() => read(content)).toThrow(fault);
});
