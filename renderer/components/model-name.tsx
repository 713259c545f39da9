// The name of a model as it is asked for, with what people call it; an agent has a mark and its project's name.
import type { ModelView } from '../../shared/views.ts';
import { readAgentName } from '../lib/agent-name.ts';
import { useTexts } from '../lib/i18n.ts';
import { readModelName } from '../lib/model-names.ts';
import { useProjects } from '../lib/use-contract.ts';
import { Icon } from './icons.tsx';
import classes from './model-name.module.css';

/** The name in one line. */
export function ModelName({ model }: { readonly model: ModelView }) {
  const t = useTexts();
  const asked = readModelName(model);
  const agent = readAgentName(asked);
  const project = useProjects().data?.find(({ id }) => id === agent);
  const name = project?.name ?? model.name;
  return (
    <>
      {agent !== undefined && (
        <span className={classes.agent} role="img" aria-label={t('models.agent')} title={t('models.agent')}>
          <Icon name="agent" size={14} />
        </span>
      )}
      <span className="mono">{asked}</span>
      {name !== undefined && name !== asked && <span className={classes.other}>{name}</span>}
    </>
  );
}
