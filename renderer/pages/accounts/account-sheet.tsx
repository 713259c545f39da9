// The sheet that adds or edits an account: choose a provider, fill in what it needs, save, and see the check at once.
import { Button, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { SignInStart } from '../../../shared/sign-in.ts';
import type { AccountView, ProviderView } from '../../../shared/views.ts';
import { Icon } from '../../components/icons.tsx';
import { Empty } from '../../components/message.tsx';
import { ProviderMark } from '../../components/provider-mark.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { SideSheet } from '../../components/side-sheet.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { useProviders } from '../../lib/use-contract.ts';
import { AccountForm } from './account-form.tsx';
import { canSignIn } from './account-input.ts';
import { AddedChecks } from './added-checks.tsx';
import { SavedCheck } from './saved-check.tsx';
import classes from './sheet.module.css';
import { SignInPanel } from './sign-in-panel.tsx';

/** The sheet; `provider` is the chosen one, `account` the one that is edited or, with `signing`, signed in. */
export function AccountSheet(properties: {
  readonly opened: boolean;
  readonly provider: string | undefined;
  readonly account: AccountView | undefined;
  readonly signing: boolean;
  readonly onProvider: (provider?: string) => void;
  readonly onClose: () => void;
}) {
  const { opened, account, signing, onClose } = properties;
  const t = useTexts();
  const title = signing ? 'signIn.sheetTitle' : 'sheet.editTitle';
  return (
    <SideSheet
      opened={opened}
      onClose={onClose}
      title={account === undefined ? t('sheet.addTitle') : t(title, { name: account.name })}
    >
      <SheetSteps {...properties} />
    </SideSheet>
  );
}

/** Where the sheet is, besides its form. */
type Stage =
  | { readonly at: 'signing'; readonly start: SignInStart; readonly provider: string; readonly saved?: AccountView }
  | { readonly at: 'saved'; readonly account: AccountView; readonly said?: string }
  | { readonly at: 'added'; readonly accounts: readonly AccountView[] };

function SheetSteps(properties: Parameters<typeof AccountSheet>[0]) {
  const { provider, account, signing, onProvider, onClose } = properties;
  const t = useTexts();
  const providers = useProviders();
  const [stage, setStage] = useState<Stage | undefined>(() => (signing ? signInTo(account) : undefined));
  // After adding, going back to the form edits what was just added.
  const [mending, setMending] = useState<AccountView>();
  const edited = mending ?? account;
  return (
    <QueryGate query={providers} skeletonHeight={300}>
      {(known) => {
        if (stage?.at === 'saved')
          return (
            <SavedCheck
              account={stage.account}
              said={stage.said}
              onDone={onClose}
              onMend={() => {
                setMending(stage.account);
                setStage(undefined);
              }}
              onSignIn={canSignIn(known, stage.account) ? () => setStage(signInTo(stage.account)) : undefined}
            />
          );
        if (stage?.at === 'added') return <AddedChecks accounts={stage.accounts} onDone={onClose} />;
        const chosen = known.find(({ id }) => id === (edited?.provider ?? provider));
        return (
          <>
            {stage !== undefined && (
              <SignInPanel
                provider={known.find(({ id }) => id === stage.provider)}
                start={stage.start}
                onDone={(signed, said) => setStage({ at: 'saved', account: signed, said })}
                onLeave={() => (signing ? onClose() : setStage(stage.saved && { at: 'saved', account: stage.saved }))}
              />
            )}
            {chosen === undefined && stage === undefined && <ProviderChoice providers={known} onChoose={onProvider} />}
            {chosen !== undefined && (!signing || mending !== undefined) && (
              // Kept while the person signs in: whoever cancels finds what was typed.
              <div hidden={stage !== undefined}>
                {edited === undefined && (
                  <Button
                    className={classes.back}
                    variant="subtle"
                    color="gray"
                    size="compact-sm"
                    leftSection={<Icon name="back" size={14} />}
                    onClick={() => onProvider()}
                  >
                    {t('sheet.back')}
                  </Button>
                )}
                <AccountForm
                  key={`${chosen.id}/${edited?.id}`}
                  provider={chosen}
                  account={edited}
                  onSaved={(saved) => setStage({ at: 'saved', account: saved })}
                  onAdded={(added) => setStage(stageAdded(added))}
                  onSignIn={(draft) => setStage({ at: 'signing', start: { draft }, provider: draft.provider })}
                />
              </div>
            )}
          </>
        );
      }}
    </QueryGate>
  );
}

/** One account is shown like any other that was saved. */
function stageAdded(accounts: readonly AccountView[]): Stage {
  const [account, ...others] = accounts;
  return account !== undefined && others.length === 0 ? { at: 'saved', account } : { at: 'added', accounts };
}

function signInTo(account: AccountView | undefined): Stage | undefined {
  if (account === undefined) return undefined;
  return { at: 'signing', start: { account: account.id }, provider: account.provider, saved: account };
}

function ProviderChoice(properties: {
  readonly providers: readonly ProviderView[];
  readonly onChoose: (provider: string) => void;
}) {
  const t = useTexts();
  const addable = properties.providers.filter((provider) => provider.signIn.length > 0);
  if (addable.length === 0) return <Empty title={t('sheet.none')} />;
  return (
    <>
      <p className={classes.question}>{t('sheet.choose')}</p>
      <ul className={classes.choices}>
        {addable.map((provider, index) => (
          <li key={provider.id}>
            <UnstyledButton
              className={classes.choice}
              data-autofocus={index === 0 || undefined}
              onClick={() => properties.onChoose(provider.id)}
            >
              <ProviderMark id={provider.id} name={provider.name} size={36} />
              <span className={classes.choiceWords}>
                <span className={classes.choiceName}>{provider.name}</span>
                <span className={classes.choiceLine}>{provider.standing}</span>
                <span className={classes.choiceLine}>{provider.spends}</span>
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </>
  );
}
