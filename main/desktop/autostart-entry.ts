// Writes the desktop entry that Linux desktops read at login, quoted as the Desktop Entry Specification wants it.

/** The text of an autostart file that runs `command`. */
export function writeAutostartEntry(name: string, command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    `Name=${name}`,
    `Exec=${command.map(quote).join(' ')}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** Quoted for the value of Exec, then escaped once more for being a string in a file; `%` starts a field code. */
function quote(argument: string): string {
  const quoted = `"${argument.replace(/[\\"`$]/g, '\\$&').replaceAll('%', '%%')}"`;
  return quoted.replaceAll('\\', '\\\\');
}
