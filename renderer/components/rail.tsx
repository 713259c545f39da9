// The rail on the left: the pages, with a count where it says something; below 1000 px only the icons.
import { needsAttention } from '../../shared/attention.ts';
import { useTexts } from '../lib/i18n.ts';
import { PAGE_IDS, type PageId, writePlace } from '../lib/navigation.ts';
import { useAccounts, useQuestions, useStatus } from '../lib/use-contract.ts';
import { BrandMark, Icon } from './icons.tsx';
import classes from './rail.module.css';
import { StateShape } from './state-mark.tsx';

/** The navigation; `page` is the one shown now. */
export function Rail({ page }: { readonly page: PageId }) {
  const t = useTexts();
  const accounts = useAccounts().data;
  const status = useStatus().data;
  const asked = useQuestions().length > 0;
  const troubled = accounts?.some(needsAttention) ?? false;
  return (
    <nav className={classes.rail} aria-label={t('app.pages')}>
      <div className={classes.brand}>
        <BrandMark />
        <span className={classes.word}>{t('app.name')}</span>
      </div>
      <ul className={classes.pages}>
        {PAGE_IDS.map((id) => (
          <li key={id} data-last={id === 'settings'}>
            <a
              className={classes.page}
              href={writePlace(id)}
              aria-current={id === page ? 'page' : undefined}
              title={t(`pages.${id}`)}
            >
              <Icon name={id} />
              <span className={classes.word}>{t(`pages.${id}`)}</span>
              {id === 'accounts' && accounts !== undefined && (
                <span className={classes.count}>{troubled ? <StateShape tone="warning" /> : accounts.length}</span>
              )}
              {id === 'projects' && asked && (
                <span className={classes.count}>
                  <StateShape tone="warning" />
                </span>
              )}
              {id === 'requests' && (status?.runningStreams ?? 0) > 0 && (
                <span className={classes.count}>
                  <StateShape tone="busy" />
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
      <p className={classes.version}>{status !== undefined && t('app.version', { version: status.version })}</p>
    </nav>
  );
}
