// The import table of the README as data, in its order: a room imports only from rooms above it, so no cycle can arise.

/** A folder or file and what its code may import besides itself. */
export interface Room {
  readonly at: string;
  readonly may: readonly string[];
  /** What it may know the types of. */
  readonly mayTypes?: readonly string[];
  readonly packages: readonly string[];
  /** Each folder in it is a room of its own. */
  readonly each?: true;
  /** Whether it may import what comes with Node; yes unless said. */
  readonly node?: false;
}

const GUI_PACKAGES = [
  'react',
  'react-dom',
  '@mantine',
  '@tanstack',
  '@orpc/client',
  '@orpc/contract',
  '@orpc/tanstack-query',
  'i18next',
  'react-i18next',
  'react-error-boundary',
  'zod',
];

/** The whole house. */
export const HOUSE: readonly Room[] = [
  { at: 'shared', may: [], packages: ['zod', '@orpc/contract'], node: false },
  { at: 'main/util', may: [], packages: ['libsql'] },
  { at: 'main/data-folder.ts', may: ['main/util'], packages: [] },
  { at: 'main/canonical', may: ['main/util'], packages: [] },
  {
    at: 'main/http',
    may: ['main/canonical/errors.ts', 'shared/proxy.ts', 'main/util'],
    packages: ['undici', 'socks', 'eventsource-parser'],
  },
  { at: 'main/subprocess', may: ['main/canonical/errors.ts', 'main/util'], packages: ['execa'] },
  { at: 'main/settings-store.ts', may: ['main/canonical', 'shared', 'main/util'], packages: ['conf', 'zod'] },
  {
    at: 'main/credentials',
    may: ['main/canonical', 'shared/wildcard.ts', 'shared/proxy.ts', 'main/util'],
    mayTypes: ['shared', 'main/settings-store.ts'],
    packages: ['keytar', 'zod'],
  },
  { at: 'main/protocols/protocol.ts', may: ['main/canonical', 'main/util'], packages: [] },
  {
    at: 'main/protocols/kit',
    may: ['main/canonical', 'main/util'],
    mayTypes: ['main/protocols/protocol.ts'],
    packages: [],
  },
  {
    at: 'main/protocols',
    each: true,
    may: ['main/canonical', 'main/http/sse.ts', 'main/util', 'main/protocols/protocol.ts', 'main/protocols/kit'],
    mayTypes: ['shared/projects.ts'],
    packages: ['zod'],
  },
  { at: 'main/protocols/registry.ts', may: ['main/protocols'], packages: [] },
  { at: 'main/providers/context.ts', may: ['main/credentials/credential.ts', 'shared/quota.ts'], packages: [] },
  {
    at: 'main/providers/login.ts',
    may: ['main/credentials/credential.ts', 'main/providers/context.ts', 'shared/views.ts'],
    packages: [],
  },
  {
    at: 'main/providers/provider.ts',
    may: [
      'main/canonical',
      'main/http',
      'main/util',
      'main/credentials/credential.ts',
      'main/providers/context.ts',
      'main/providers/login.ts',
      'shared/quota.ts',
      'shared/views.ts',
      'shared/projects.ts',
    ],
    packages: [],
  },
  {
    at: 'main/providers',
    each: true,
    may: [
      'main/canonical',
      'main/http',
      'main/subprocess',
      'main/util',
      'main/credentials/credential.ts',
      'shared/quota.ts',
      'shared/views.ts',
      'shared/projects.ts',
      'shared/proxy.ts',
      'main/providers/context.ts',
      'main/providers/login.ts',
      'main/providers/provider.ts',
      'main/providers/kit',
    ],
    packages: ['zod', 'undici', 'execa', 'libsql', '@smithy', 'jsonrepair', '@cfworker/json-schema'],
  },
  { at: 'main/providers/registry.ts', may: ['main/providers'], packages: [] },
  {
    at: 'main/projects',
    may: ['main/canonical', 'shared', 'main/util'],
    mayTypes: ['main/providers/context.ts', 'main/providers/provider.ts'],
    packages: ['libsql', 'zod'],
  },
  {
    at: 'main/config',
    may: ['main/canonical', 'main/credentials', 'shared', 'main/util'],
    mayTypes: ['main/providers/provider.ts'],
    packages: ['zod'],
  },
  { at: 'main/request-log', may: ['main/canonical', 'shared', 'main/util'], packages: ['libsql', 'zod'] },
  {
    at: 'main/gateway',
    may: [
      'main/canonical',
      'main/credentials',
      'main/request-log',
      'main/util',
      'shared/quota.ts',
      'shared/wildcard.ts',
    ],
    mayTypes: ['main/providers/context.ts', 'main/providers/provider.ts', 'shared'],
    packages: [],
  },
  {
    at: 'main/admin',
    may: [
      'main/canonical',
      'main/gateway',
      'main/credentials',
      'main/request-log',
      'main/settings-store.ts',
      'shared',
      'main/util',
    ],
    mayTypes: ['main/providers/context.ts', 'main/providers/login.ts', 'main/providers/provider.ts', 'main/projects'],
    packages: ['@orpc/server', '@orpc/contract', 'zod'],
  },
  {
    at: 'main/server',
    may: ['main/gateway', 'main/admin', 'main/canonical', 'main/http', 'shared', 'main/util'],
    mayTypes: [
      'main/protocols/protocol.ts',
      'main/credentials/client-keys.ts',
      'main/credentials/key-limits.ts',
      'main/request-log',
      'main/projects',
      'main/providers/provider.ts',
    ],
    packages: ['express', '@orpc/server'],
  },
  {
    at: 'main/engine',
    may: [
      'main/admin',
      'main/config',
      'main/credentials',
      'main/data-folder.ts',
      'main/gateway',
      'main/projects',
      'main/server',
      'main/settings-store.ts',
      'shared',
      'main/util',
    ],
    mayTypes: ['main/providers/provider.ts'],
    packages: [],
  },
  { at: 'main/engine.ts', may: ['main', 'shared'], packages: ['@orpc/server'] },
  {
    at: 'main/headless.ts',
    may: ['main/engine.ts', 'main/headless-arguments.ts', 'shared', 'main/util'],
    packages: [],
  },
  { at: 'main/headless-arguments.ts', may: ['main/util'], packages: [] },
  {
    at: 'main/desktop',
    may: ['main/engine.ts', 'main/data-folder.ts', 'shared', 'main/util'],
    packages: ['electron', '@orpc/server', '@orpc/contract', 'zod'],
  },
  { at: 'renderer/lib', may: ['shared'], packages: GUI_PACKAGES, node: false },
  { at: 'renderer/components', may: ['renderer/lib', 'shared'], packages: GUI_PACKAGES, node: false },
  {
    at: 'renderer/pages',
    each: true,
    may: ['renderer/components', 'renderer/lib', 'shared'],
    packages: GUI_PACKAGES,
    node: false,
  },
  { at: 'renderer/pages/index.ts', may: ['renderer/pages', 'renderer/lib'], packages: GUI_PACKAGES, node: false },
  { at: 'renderer', may: ['shared'], packages: GUI_PACKAGES, node: false },
];
