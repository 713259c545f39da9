// The models that can be asked for, as the GUI shows them.
import type { ModelView } from '../../shared/views.ts';
import type { ModelRow } from '../gateway/served-models.ts';
import type { Binder } from './binder.ts';
import type { AdminServices } from './index.ts';

/** The handlers of `models`. */
export function createModelHandlers(
  os: Binder,
  { models, accounts, toolCounts }: Pick<AdminServices, 'models' | 'accounts' | 'toolCounts'>,
) {
  return {
    list: os.models.list.handler(async ({ input }) => {
      const { models: served, failures } = await models.list(input.refresh);
      return {
        models: served.map((model) => ({
          ...viewModel(model, accounts.find(model.account)?.name ?? model.account),
          toolCalls: toolCounts.find(model.account, model.info.id),
        })),
        failures: [...failures],
      };
    }),
  };
}

function viewModel(row: ModelRow, accountName: string): ModelView {
  const { id, names, isHidden, info, account, provider } = row;
  const { name, contextTokens, maxOutputTokens, price, abilities } = info;
  const told = { name, contextTokens, maxOutputTokens, price, ...abilities };
  return { id, names: [...names], isHidden, account, accountName, provider, ...told };
}
