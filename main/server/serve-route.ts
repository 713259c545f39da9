// Serves one request that has been let in by what its route is for.
import { estimateInputTokens } from '../canonical/estimate.ts';
import type { ServedModels } from '../gateway/served-models.ts';
import type { RouteRequest } from '../protocols/protocol.ts';
import { nameRequest, readJson, type Visit, writeJson, writeText } from './answers.ts';
import { chooseName } from './choose-name.ts';
import type { FoundRoute } from './routes.ts';
import { type ServeServices, serveConverse, serveSingle } from './serve.ts';

/** What the routes need. */
export interface RouteServices extends ServeServices {
  readonly served: Pick<ServedModels, 'list' | 'find'>;
}

/** Answers `visit` by its route. Throws `GatewayError` for what has no record on the log; other failures are written. */
export async function serveRoute(
  { protocol, route, name }: FoundRoute,
  visit: Visit,
  query: string,
  services: RouteServices,
): Promise<void> {
  const { request, response, key } = visit;
  const { served } = services;
  const routeRequest: RouteRequest = { headers: request.headers, name, query, key };
  const readBody = () => readJson(request, services.settings().bodyLimitBytes);
  const answer = (status: number, body: unknown, headers?: Readonly<Record<string, string>>) =>
    writeJson(response, status, body, { ...nameRequest(protocol, visit), ...headers });
  switch (route.action) {
    case 'converse':
      return serveConverse(protocol, route, visit, routeRequest, services);
    case 'embed':
    case 'images':
      return serveSingle(protocol, route, visit, routeRequest, services);
    case 'models': {
      return answer(200, route.writeModels(await served.list(key)));
    }
    case 'model':
      return answer(200, route.writeModel(await served.find(name, key)));
    case 'model-query': {
      const find = (model: string) => services.gateway.find({ model, key });
      const model = await chooseName(protocol, route.readModelName(await readBody()), find);
      return answer(200, route.writeModel(await served.find(model, key)));
    }
    case 'count': {
      const count = estimateInputTokens(route.readConversation(await readBody(), routeRequest));
      return answer(200, route.writeCount(count), { 'x-patchbay-estimate': 'true' });
    }
    case 'own': {
      const sent = route.readsBody ? await readBody() : undefined;
      const { status, body, headers } = route.answer(routeRequest, sent);
      return answer(status, body, headers);
    }
    case 'fixed':
      if (typeof route.body === 'string') return writeText(response, route.body);
      return writeJson(response, 200, route.body);
    default:
      return route satisfies never;
  }
}
