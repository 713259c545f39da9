// The frame around every page: the rail, the head with the state of the door, the command menu and the error boundary.
import { Button, MantineProvider, useMantineColorScheme } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary';
import classes from './app.module.css';
import { CommandMenu } from './components/command-menu.tsx';
import { Head } from './components/head.tsx';
import { Empty } from './components/message.tsx';
import { QuestionBar } from './components/question-bar.tsx';
import { Rail } from './components/rail.tsx';
import { useTexts } from './lib/i18n.ts';
import { usePlace } from './lib/navigation.ts';
import { type ContractAccess, ContractContext, useConnection, useQuestions, useSettings } from './lib/use-contract.ts';
import { PAGES } from './pages/index.ts';
import { resolveVariables, theme } from './theme.ts';

/** The whole GUI over one open access to the engine. */
export function App({ access }: { readonly access: ContractAccess }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={resolveVariables} defaultColorScheme="auto">
      <QueryClientProvider client={access.queryClient}>
        <ContractContext value={access}>
          <Notifications position="bottom-right" autoClose={4000} transitionDuration={160} />
          <Frame />
        </ContractContext>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Frame() {
  useThemeOfSettings();
  const t = useTexts();
  const connection = useConnection();
  const { page, parameters } = usePlace();
  const Page = PAGES[page];
  const title = t(`pages.${page}`);
  const waiting = useQuestions().length;
  useEffect(() => {
    const name = `${title} · ${t('app.name')}`;
    // In a browser the tab is what is seen while the person is elsewhere.
    document.title = waiting === 0 ? name : t('questions.pageTitle', { count: waiting, name });
  }, [title, waiting, t]);

  if (connection === 'refused') return <Refused />;
  return (
    <div className={classes.frame}>
      <Rail page={page} />
      <div className={classes.main}>
        <Head title={title} />
        <QuestionBar />
        <main className={classes.page} data-page={page} data-stale={connection === 'lost'}>
          <ErrorBoundary FallbackComponent={Broken} resetKeys={[page]}>
            <Page parameters={parameters} />
          </ErrorBoundary>
        </main>
      </div>
      <CommandMenu />
    </div>
  );
}

function useThemeOfSettings(): void {
  const theme = useSettings().data?.theme;
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    if (theme !== undefined) setColorScheme(theme === 'system' ? 'auto' : theme);
  }, [theme, setColorScheme]);
}

function Refused() {
  const t = useTexts();
  return (
    <main className={classes.alone}>
      <Empty title={t('connection.refused')}>{t('connection.refusedText')}</Empty>
    </main>
  );
}

function Broken({ error, resetErrorBoundary }: FallbackProps) {
  const t = useTexts();
  return (
    <Empty title={t('app.broken')} actions={<Button onClick={resetErrorBoundary}>{t('app.reload')}</Button>}>
      {t('app.brokenText', { error: error instanceof Error ? error.message : String(error) })}
    </Empty>
  );
}
