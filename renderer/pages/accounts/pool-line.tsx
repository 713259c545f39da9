// How the accounts of one provider share the work: one quiet line, and behind it the choice with a sentence for each way.
import { Button, Popover, Radio, Switch } from '@mantine/core';
import { useState } from 'react';
import { PoolRules, Strategy } from '../../../shared/routing.ts';
import { Message } from '../../components/message.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { useRouting } from '../../lib/use-routing.ts';
import classes from './accounts.module.css';

const DEFAULT_POOL = PoolRules.parse({});

/** The line, for a provider with two or more accounts. */
export function PoolLine({ provider, name }: { readonly provider: string; readonly name: string }) {
  const t = useTexts();
  const [opened, setOpened] = useState(false);
  const { routing, isFixed, problem, save } = useRouting();
  const pool = routing.pools[provider] ?? DEFAULT_POOL;
  const change = (part: Partial<PoolRules>) =>
    save({ ...routing, pools: { ...routing.pools, [provider]: { ...pool, ...part } } });
  return (
    <div className={classes.pool}>
      <p className={classes.poolWords}>
        <span className={classes.poolTitle}>{t('pools.title')}</span> {t(`pools.line.${pool.strategy}`)}{' '}
        {t(pool.sticky ? 'pools.stickyLine' : 'pools.looseLine')}
      </p>
      <Popover
        opened={opened}
        onChange={setOpened}
        position="bottom-end"
        width={400}
        middlewares={{ flip: true, shift: true, size: { padding: 8 } }}
        trapFocus
        returnFocus
        shadow="md"
      >
        <Popover.Target>
          <Button
            variant="subtle"
            size="compact-sm"
            aria-label={t('pools.changeOf', { name })}
            onClick={() => setOpened(!opened)}
          >
            {t('pools.change')}
          </Button>
        </Popover.Target>
        <Popover.Dropdown className={classes.poolChoice} aria-label={t('pools.title')}>
          <Radio.Group
            label={t('pools.title')}
            value={pool.strategy}
            onChange={(strategy) => change({ strategy: Strategy.parse(strategy) })}
          >
            <div className={classes.strategies}>
              {Strategy.options.map((strategy) => (
                <Radio
                  key={strategy}
                  value={strategy}
                  label={t(`pools.${strategy}`)}
                  description={t(`pools.help.${strategy}`)}
                  // The keyboard begins where the arrows go on.
                  {...(strategy === pool.strategy ? { 'data-autofocus': true } : {})}
                />
              ))}
            </div>
          </Radio.Group>
          <Switch
            className={classes.sticky}
            checked={pool.sticky}
            aria-label={t('pools.sticky')}
            label={t('pools.sticky')}
            description={t('pools.stickyHelp')}
            onChange={(event) => change({ sticky: event.currentTarget.checked })}
          />
          {isFixed && <Message tone="warning" title={t('rules.fixed')} />}
          {problem !== undefined && (
            <Message tone="bad" title={t('sheet.notSaved')}>
              {problem}
            </Message>
          )}
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}
