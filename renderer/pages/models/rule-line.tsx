// One rule as one line, with what is wrong with it and what can be done with it.
import { ActionIcon, Button, Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Icon } from '../../components/icons.tsx';
import { StateShape } from '../../components/state-mark.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { canRemove, putRule, type Rule, removeRule, ruleId, tellRule, writeRule } from '../../lib/rules.ts';
import type { RoutingAccess } from '../../lib/use-routing.ts';
import classes from './rules.module.css';

/** The line. */
export function RuleLine(properties: {
  readonly rule: Rule;
  readonly warnings: readonly string[];
  readonly access: RoutingAccess;
  readonly onEdit: (rule: string) => void;
}) {
  const { rule, warnings, access, onEdit } = properties;
  const t = useTexts();
  const { routing, save } = access;
  const words = writeRule(rule, t);
  const remove = () => {
    save(removeRule(routing, rule), () => notifications.show(offerUndo(t, () => save(putRule(routing, rule)))));
  };
  return (
    <li className={classes.line}>
      <div className={classes.words}>
        <p>
          <RuleWords rule={rule} />
        </p>
        {warnings.map((warning) => (
          <p key={warning} className={classes.warning}>
            <StateShape tone="warning" />
            {warning}
          </p>
        ))}
      </div>
      {rule.kind === 'thinking' ? (
        <Switch
          aria-label={t('rules.title.thinking')}
          checked={rule.on}
          onChange={(event) => save(putRule(routing, { kind: 'thinking', on: event.currentTarget.checked }))}
        />
      ) : (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={28}
          aria-label={t('rules.editOf', { rule: words })}
          title={t('accounts.edit')}
          onClick={() => onEdit(ruleId(rule))}
        >
          <Icon name="edit" size={15} />
        </ActionIcon>
      )}
      {canRemove(rule) ? (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={28}
          aria-label={t('rules.removeOf', { rule: words })}
          title={t('accounts.remove')}
          onClick={remove}
        >
          <Icon name="remove" size={15} />
        </ActionIcon>
      ) : (
        <span className={classes.noRemove} />
      )}
    </li>
  );
}

/** The words of a rule, names as names. */
export function RuleWords({ rule }: { readonly rule: Rule }) {
  const t = useTexts();
  return tellRule(rule, t).map(({ text, isName }, index) => {
    const key = `${index}${text}`;
    return isName ? (
      <code key={key} className={classes.name}>
        {text}
      </code>
    ) : (
      <span key={key}>{text}</span>
    );
  });
}

function offerUndo(t: ReturnType<typeof useTexts>, undo: () => void) {
  const id = 'rule-removed';
  return {
    id,
    message: (
      <span className={classes.undo}>
        {t('rules.removed')}
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            undo();
            notifications.hide(id);
          }}
        >
          {t('rules.undo')}
        </Button>
      </span>
    ),
  };
}
