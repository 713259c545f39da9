// A small framed word beside a name: where the thing comes from, or what is special about it.
import { useTexts } from '../lib/i18n.ts';
import { useStatus } from '../lib/use-contract.ts';
import classes from './badge.module.css';

/** The word; `title` explains it on hover. */
export function Badge({ children, title }: { readonly children: string; readonly title?: string | undefined }) {
  return (
    <span className={classes.badge} title={title}>
      {children}
    </span>
  );
}

/** Says that a thing comes from the configuration file, and where it is changed. */
export function FileBadge() {
  const t = useTexts();
  const file = useStatus().data?.configFile ?? t('accounts.theFile');
  return <Badge title={t('accounts.fromFileHint', { file })}>{t('accounts.fromFile')}</Badge>;
}
