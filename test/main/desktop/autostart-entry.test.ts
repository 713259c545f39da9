// The desktop entry for the start at login on Linux.
import { expect, test } from 'vitest';
import { writeAutostartEntry } from '../../../main/desktop/autostart-entry.ts';

test('the command is quoted as the specification wants it', () => {
  expect(writeAutostartEntry('Patchbay', ['/opt/my apps/patch$bay', '--hidden', '50%"'])).toBe(`[Desktop Entry]
Type=Application
Name=Patchbay
Exec="/opt/my apps/patch\\\\$bay" "--hidden" "50%%\\\\""
Terminal=false
X-GNOME-Autostart-enabled=true
`);
});
