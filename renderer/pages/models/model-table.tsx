// The rows of the list of models: name, account, abilities as small marks, sizes. Fast with any number of them.
import { useMediaQuery } from '@mantine/hooks';
import { useMemo } from 'react';
import type { ModelView } from '../../../shared/views.ts';
import { CallRate } from '../../components/call-rate.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon, type IconName } from '../../components/icons.tsx';
import { ModelName } from '../../components/model-name.tsx';
import { Cell, HeadCell, VirtualRows } from '../../components/virtual-rows.tsx';
import { formatTokens } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { readModelName } from '../../lib/model-names.ts';
import { isHiddenBy } from '../../lib/rule-warnings.ts';
import { useRouting } from '../../lib/use-routing.ts';
import classes from './model-list.module.css';

const WIDE = 'minmax(180px, 2.4fr) minmax(100px, 1fr) 84px 104px 72px 92px 32px';
const NARROW = 'minmax(140px, 2fr) minmax(80px, 1fr) 64px 92px 56px 32px';

/** The table. */
export function ModelTable({ models }: { readonly models: readonly ModelView[] }) {
  const t = useTexts();
  const narrow = useMediaQuery('(max-width: 839px)');
  const { hidden } = useRouting().routing;
  const isHidden = useMemo(
    () => (model: ModelView) => model.isHidden ?? hidden.some((pattern) => isHiddenBy(pattern, model)),
    [hidden],
  );
  return (
    <VirtualRows
      rows={models}
      rowHeight={36}
      rowKey={(model) => `${model.account}/${model.id}`}
      columns={narrow ? NARROW : WIDE}
      label={t('pages.models')}
      head={
        <>
          <HeadCell>{t('models.name')}</HeadCell>
          <HeadCell>{t('models.account')}</HeadCell>
          <HeadCell>{t('models.abilities')}</HeadCell>
          <HeadCell align="end">{t('models.calls')}</HeadCell>
          <HeadCell align="end">{t('models.context')}</HeadCell>
          {!narrow && <HeadCell align="end">{t('models.output')}</HeadCell>}
          <HeadCell>{''}</HeadCell>
        </>
      }
      renderRow={(model) => (
        <>
          <Cell title={describeModel(model)}>
            {isHidden(model) && (
              <span className={classes.hidden} role="img" aria-label={t('models.hidden')} title={t('models.hidden')}>
                <Icon name="hidden" size={14} />
              </span>
            )}
            <ModelName model={model} />
          </Cell>
          <Cell quiet title={model.accountName}>
            {model.accountName}
          </Cell>
          <Cell>
            <Abilities model={model} />
          </Cell>
          <CallRate counts={model.toolCalls} />
          <Cell align="end" mono quiet title={model.contextTokens === undefined ? t('models.unknown') : undefined}>
            {model.contextTokens === undefined ? '–' : formatTokens(model.contextTokens)}
          </Cell>
          {!narrow && (
            <Cell align="end" mono quiet title={model.maxOutputTokens === undefined ? t('models.unknown') : undefined}>
              {model.maxOutputTokens === undefined ? '–' : formatTokens(model.maxOutputTokens)}
            </Cell>
          )}
          <Cell>
            <CopyButton text={readModelName(model)} label={t('models.copyName')} />
          </Cell>
        </>
      )}
    />
  );
}

/** All that it goes by, and what it costs. */
function describeModel({ id, names = [], name, price }: ModelView): string {
  const asked = [...new Set([...names, id])].join('\n');
  return [...(name === undefined ? [] : [name]), asked, ...(price === undefined ? [] : [price])].join('\n');
}

const ABILITIES: readonly ('tools' | 'images' | 'reasoning')[] = ['tools', 'images', 'reasoning'];

function Abilities({ model }: { readonly model: ModelView }) {
  const t = useTexts();
  return (
    <span className={classes.abilities}>
      {ABILITIES.map((ability) => (
        <span key={ability} className={classes.ability}>
          {model[ability] === true && (
            <span role="img" aria-label={t(`models.${ability}`)} title={t(`models.${ability}`)}>
              <Icon name={ability satisfies IconName} size={15} />
            </span>
          )}
        </span>
      ))}
    </span>
  );
}
