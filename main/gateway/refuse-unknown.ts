// The refusal of a name that leads nowhere, which helps to find the right one.
import { GatewayError } from '../canonical/errors.ts';
import { listNearest } from '../util/nearest.ts';
import type { ModelCatalog } from './model-catalog.ts';
import type { AllowsModel, ExplainName } from './router.ts';

/** What is known besides the name. */
export interface UnknownName {
  readonly catalog: Pick<ModelCatalog, 'listNames' | 'failures'>;
  readonly explain: ExplainName;
  /** Other names that could have been meant. */
  readonly aliases: readonly string[];
  /** The alias that led to the name. */
  readonly alias?: string;
  readonly allows: AllowsModel | undefined;
  readonly key: string | undefined;
}

const MOST_NAMES = 3;

/** Says that no account offers `name`, which names are like it, and who could not be asked. */
export function refuseUnknown(name: string, known: UnknownName): GatewayError {
  const { catalog, explain, alias, allows, key } = known;
  const names = [...new Set([...known.aliases, ...catalog.listNames()])].filter(
    (each) => each !== alias && (allows?.(key, [each]) ?? true),
  );
  const hint =
    names.length === 0
      ? 'No account offers any model yet.'
      : `Known are, among others: ${chooseNames(name, names).join(', ')}.`;
  const from = alias === undefined ? '' : `, to which the alias "${alias}" leads`;
  const words = explain(name) ?? `No account offers the model "${name}"${from}. ${hint}`;
  // One of them may well have it.
  const failed = catalog.failures().map(({ account, text }) => ` The account ${account} could not be asked: ${text}`);
  return new GatewayError('not-found', `${words}${failed.join('')}`, { param: 'model', code: 'model_not_found' });
}

function chooseNames(name: string, names: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase();
  const alike = names.filter((known) => known.toLowerCase().includes(wanted) || wanted.includes(known.toLowerCase()));
  const close = [...new Set([...listNearest(name, names), ...alike])];
  return (close.length > 0 ? close : names).slice(0, MOST_NAMES);
}
