// The tools that exist for an agent at all, grouped by what they can do to the person's things.
import { Checkbox } from '@mantine/core';
import type { AgentAbilities } from '../../../shared/projects.ts';
import { useTexts } from '../../lib/i18n.ts';
import { RISKS } from './agent-summary.ts';
import classes from './sheet.module.css';

/** One box per tool; those that the program is not known to have stay as long as they are chosen. */
export function ToolChoice(properties: {
  readonly tools: AgentAbilities['tools'];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[]) => void;
}) {
  const { tools, chosen, onChange } = properties;
  const t = useTexts();
  const unknown = chosen.filter((name) => !tools.some((tool) => tool.name === name));
  const groups = [
    ...RISKS.map((risk) => ({ title: t(`projects.risks.${risk}`), tools: tools.filter((tool) => tool.risk === risk) })),
    { title: t('projects.risks.unknown'), tools: unknown.map((name) => ({ name, help: t('projects.unknownTool') })) },
  ].filter((group) => group.tools.length > 0);
  const toggle = (name: string, on: boolean) =>
    onChange(on ? [...chosen, name] : chosen.filter((other) => other !== name));
  return (
    <fieldset className={classes.tools}>
      <legend className={classes.groupLabel}>{t('projects.tools')}</legend>
      {groups.map((group) => (
        <div key={group.title} className={classes.risk}>
          <span className={classes.riskName}>{group.title}</span>
          <div className={classes.boxes}>
            {group.tools.map(({ name, help }) => (
              <Checkbox
                key={name}
                size="xs"
                checked={chosen.includes(name)}
                onChange={(event) => toggle(name, event.currentTarget.checked)}
                label={
                  <span className={classes.tool} title={help}>
                    <code>{name}</code>
                    <span className="quiet small">{help}</span>
                  </span>
                }
              />
            ))}
          </div>
        </div>
      ))}
    </fieldset>
  );
}
