// Which file of the GUI a path names, and that no path leads out of its folder.
import { expect, test } from 'vitest';
import { findGuiFile, GUI_HEADERS } from '../../../main/util/gui-policy.ts';

test('paths name files, folders their page', () => {
  expect(findGuiFile('/gui', '/')).toBe('/gui/index.html');
  expect(findGuiFile('/gui', '/assets/a%20b.js')).toBe('/gui/assets/a b.js');
});

test.each(['/../secret', '/%2e%2e/secret', '/a/../../secret', '/..%2fsecret', '/..%5csecret', '/%00', '/%', '/..'])(
  '%s names nothing',
  (path) => {
    expect(findGuiFile('/gui', path)).toBeUndefined();
  },
);

test('no script runs that is not a file of ours', () => {
  const policy = GUI_HEADERS['content-security-policy'] ?? '';
  expect(policy.split('; ').find((rule) => rule.startsWith('script-src'))).toBe("script-src 'self'");
  expect(policy).toContain("default-src 'none'");
});
