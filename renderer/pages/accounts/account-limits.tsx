// Where an account stands among those of its provider, and how much it is given at a time.
import { Button, Modal, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { AccountRules } from '../../../shared/routing.ts';
import type { AccountView } from '../../../shared/views.ts';
import { Message } from '../../components/message.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { useRouting } from '../../lib/use-routing.ts';
import classes from './accounts.module.css';

const FIELDS = [
  { name: 'priority', schema: AccountRules.shape.priority.unwrap() },
  { name: 'concurrency', schema: AccountRules.shape.concurrency.unwrap() },
] as const;

/** The question. */
export function AccountLimits(properties: {
  readonly account: AccountView;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const { account, opened, onClose } = properties;
  const t = useTexts();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('pools.limitsTitle', { name: account.name })}
      withCloseButton={false}
    >
      <Form account={account} onClose={onClose} />
    </Modal>
  );
}

function Form({ account, onClose }: { readonly account: AccountView; readonly onClose: () => void }) {
  const t = useTexts();
  const { routing, isFixed, isSaving, problem, save } = useRouting();
  const [rules, setRules] = useState(() => routing.accounts[account.id] ?? AccountRules.parse({}));
  const press = () => {
    const { [account.id]: _, ...others } = routing.accounts;
    const isPlain = rules.priority === 0 && rules.concurrency === 0;
    save({ ...routing, accounts: isPlain ? others : { ...others, [account.id]: rules } }, onClose);
  };
  return (
    <form
      className={classes.limits}
      onSubmit={(event) => {
        event.preventDefault();
        press();
      }}
    >
      {FIELDS.map(({ name, schema }, index) => (
        <NumberInput
          key={name}
          label={t(`pools.${name}`)}
          description={t(`pools.${name}Help`)}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={rules[name]}
          min={schema.minValue ?? 0}
          max={schema.maxValue ?? 0}
          clampBehavior="strict"
          allowDecimal={false}
          onChange={(value) => setRules((before) => ({ ...before, [name]: typeof value === 'number' ? value : 0 }))}
          {...(index === 0 ? { 'data-autofocus': true } : {})}
        />
      ))}
      {isFixed && <Message tone="warning" title={t('rules.fixed')} />}
      {problem !== undefined && (
        <Message tone="bad" title={t('sheet.notSaved')}>
          {problem}
        </Message>
      )}
      <div className={classes.confirm}>
        <Button variant="default" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" loading={isSaving}>
          {t('rules.save')}
        </Button>
      </div>
    </form>
  );
}
