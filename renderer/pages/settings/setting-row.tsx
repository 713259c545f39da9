// One setting: its label and help on the left, its control on the right, and what came of saving it right there.
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { SettingsChange } from '../../../shared/settings.ts';
import { StateMark } from '../../components/state-mark.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract, useStatus } from '../../lib/use-contract.ts';
import classes from './settings.module.css';

/** The row; `save` of `useSaving` belongs to one row. */
export function SettingRow(properties: {
  readonly label: string;
  readonly help?: string | undefined;
  readonly warning?: string | undefined;
  readonly saving?: Saving;
  readonly children: ReactNode;
}) {
  const { label, help, warning, saving, children } = properties;
  const t = useTexts();
  return (
    <div className={classes.row}>
      <div className={classes.words}>
        <span className={classes.label}>{label}</span>
        {help !== undefined && <span className={classes.help}>{help}</span>}
        {warning !== undefined && <span className={classes.warning}>{warning}</span>}
        {saving?.isPassing && <span className={classes.warning}>{t('settings.passing')}</span>}
        {saving?.problem !== undefined && (
          <span className={classes.problem} role="alert">
            {saving.problem}
          </span>
        )}
      </div>
      <div className={classes.control}>
        {saving !== undefined && <Outcome saving={saving} />}
        {children}
      </div>
    </div>
  );
}

function Outcome({ saving }: { readonly saving: Saving }) {
  const t = useTexts();
  return (
    <span className={classes.outcome} role="status">
      {saving.state === 'saving' && <StateMark tone="busy" word={t('settings.saving')} />}
      {saving.state === 'saved' && <StateMark tone="good" word={t('settings.saved')} />}
    </span>
  );
}

/** Saving of one setting. */
export interface Saving {
  readonly state: 'idle' | 'saving' | 'saved';
  readonly problem: string | undefined;
  /** What was saved holds until the next start only: the configuration file or the environment says otherwise. */
  readonly isPassing: boolean;
  save(change: SettingsChange): void;
}

const SAVED_SHOWN_MS = 2000;
const MOVE_MS = 500;

/** In a browser this page comes through the door: when the door moves, the page goes after it. */
function followDoor(path: string, port: number): void {
  const url = new URL(path, window.location.href);
  url.port = String(port);
  setTimeout(() => window.location.assign(url), MOVE_MS);
}

/** Saves a change after a look at its schema, whose limits are the same on both sides. */
export function useSaving(limits?: string): Saving {
  const { client, queries, queryClient } = useContract();
  const [refused, setRefused] = useState<string>();
  const [changed, setChanged] = useState<readonly string[]>([]);
  const fixed = useStatus().data?.fixedSettings ?? [];
  const { mutate, reset, isPending, isSuccess, error } = useMutation({
    mutationFn: async (change: SettingsChange) => {
      const moves = change.port !== undefined || change.host !== undefined;
      const { path } = moves ? await client.status.link() : {};
      const settings = await client.settings.change(change);
      if (path !== undefined) followDoor(path, settings.port);
      return settings;
    },
    onSuccess: (settings, change) => {
      setChanged(Object.keys(change));
      queryClient.setQueryData(queries.settings.read.queryKey(), settings);
    },
  });
  useEffect(() => {
    if (!isSuccess) return;
    const timer = setTimeout(reset, SAVED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isSuccess, reset]);
  const save = (change: SettingsChange) => {
    const read = SettingsChange.safeParse(change);
    setRefused(read.success ? undefined : (limits ?? read.error.issues[0]?.message));
    if (read.success) mutate(read.data);
    else reset();
  };
  return {
    state: isPending ? 'saving' : isSuccess ? 'saved' : 'idle',
    isPassing: changed.some((name) => fixed.includes(name)),
    problem: refused ?? (error === null ? undefined : describeError(error)),
    save,
  };
}
