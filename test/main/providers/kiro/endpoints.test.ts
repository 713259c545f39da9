// The ways to a reply for each kind of login, and which refusal makes which next one worth a try.
import { describe, expect, it } from 'vitest';
import type { KiroAccess, KiroLoginKind } from '../../../../main/providers/kiro/access.ts';
import { findNextWay, isDeadEndpoint, listCallWays, orderWays } from '../../../../main/providers/kiro/endpoints.ts';

const OWN = 'arn:aws:codewhisperer:eu-central-1:111122223333:profile/OWN';

function list(kind: KiroLoginKind, profileArn?: string, endpoints: Record<string, string> = {}) {
  const access: KiroAccess = { kind, token: 't', apiRegion: 'eu-central-1', fingerprint: 'f', profileArn };
  return listCallWays(access, { endpoints });
}

const describeWays = (ways: ReturnType<typeof list>) =>
  ways.map(({ id, url, style: { client, target, flavour } }) =>
    [id, url.replace('https://', ''), client, flavour.origin, target === undefined ? 'path' : 'target'].join(' '),
  );

describe('the ways', () => {
  it('of an organisation name its own profile', () => {
    expect(describeWays(list('identity-center', OWN))).toEqual([
      'runtime-root-ide:own runtime.eu-central-1.kiro.dev/ ide AI_EDITOR target',
      'runtime-path-cli:own runtime.eu-central-1.kiro.dev/generateAssistantResponse cli KIRO_CLI path',
      'legacy-path-ide:own q.eu-central-1.amazonaws.com/generateAssistantResponse ide AI_EDITOR path',
    ]);
  });

  it('of Builder ID try the own profile, the shared one, and none in the manner of the command line', () => {
    expect(list('builder-id', OWN).map(({ id }) => id)).toEqual([
      'runtime-root-ide:own',
      'runtime-root-ide:shared',
      'runtime-root-cli:none',
      'runtime-path-cli:own',
      'legacy-path-ide:own',
    ]);
    expect(list('builder-id').map(({ id }) => id)).toEqual([
      'runtime-root-ide:shared',
      'runtime-root-cli:none',
      'runtime-path-cli:shared',
      'legacy-path-ide:shared',
    ]);
  });

  it('of a key name no profile', () => {
    expect(list('api-key', undefined)).toMatchObject([
      { id: 'legacy-root-cli:none', url: 'https://q.eu-central-1.amazonaws.com/' },
      { id: 'runtime-root-cli:none', url: 'https://runtime.eu-central-1.kiro.dev/' },
    ]);
    expect(list('api-key', undefined).some((way) => 'profileArn' in way)).toBe(false);
  });

  it('all lead to the host that an account puts in the place of the runtime', () => {
    const urls = list('social', OWN, { runtime: 'http://127.0.0.1:9/{region}/' }).map(({ url }) => url);
    expect(urls.every((url) => url.startsWith('http://127.0.0.1:9/eu-central-1/'))).toBe(true);
  });

  it.each(['social', 'builder-id', 'identity-center', 'external-idp', 'api-key'] as const)(
    'of %s never mix two clients, and have names of their own',
    (kind) => {
      const ways = list(kind, kind === 'api-key' ? undefined : OWN);
      for (const { style } of ways) {
        expect(style.flavour.origin).toBe(style.client === 'ide' ? 'AI_EDITOR' : 'KIRO_CLI');
        expect(style.id.endsWith(style.client)).toBe(true);
      }
      expect(new Set(ways.map(({ id }) => id)).size).toBe(ways.length);
    },
  );

  it('begin with the one that worked', () => {
    const ways = list('social', OWN);
    expect(orderWays(ways, 'legacy-path-ide:own').map(({ id }) => id)).toEqual([
      'legacy-path-ide:own',
      'runtime-root-ide:own',
      'runtime-path-cli:own',
    ]);
    expect(orderWays(ways, 'unknown')).toEqual(ways);
  });

  it('want a region that can be part of a host', () => {
    const access: KiroAccess = { kind: 'social', token: 't', apiRegion: 'evil.example/', fingerprint: 'f' };
    expect(() => listCallWays(access, { endpoints: {} })).toThrow('is not a region');
  });
});

describe('a refusal', () => {
  it('leads to the next way that differs in what is suspected', () => {
    const ways = list('builder-id', OWN);
    const [first] = ways;
    if (first === undefined) throw new Error('no ways');
    const next = (suspicion: 'endpoint' | 'profile' | 'either') => findNextWay(ways, first, suspicion)?.id;
    expect([next('endpoint'), next('profile'), next('either')]).toEqual([
      'runtime-path-cli:own',
      'runtime-root-ide:shared',
      'runtime-root-ide:shared',
    ]);
    const last = ways.at(-1) ?? first;
    expect(findNextWay(ways, last, 'either')).toBeUndefined();
  });

  it('by a network without such a host is one, too; a slow one is not', () => {
    expect(['ENOTFOUND', 'ECONNREFUSED', 'UND_ERR_HEADERS_TIMEOUT', undefined].map(isDeadEndpoint)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
