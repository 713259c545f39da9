// The list of pages: one line per page. The frame draws the rail and the command menu from it.
import type { ComponentType } from 'react';
import type { PageId, Place } from '../lib/navigation.ts';
import { AccountsPage } from './accounts/accounts-page.tsx';
import { ConnectPage } from './connect/connect-page.tsx';
import { ModelsPage } from './models/models-page.tsx';
import { OverviewPage } from './overview/overview-page.tsx';
import { ProjectsPage } from './projects/projects-page.tsx';
import { RequestsPage } from './requests/requests-page.tsx';
import { SettingsPage } from './settings/settings-page.tsx';

/** Every page by its name in the address. */
export const PAGES: Record<PageId, ComponentType<{ readonly parameters: Place['parameters'] }>> = {
  overview: OverviewPage,
  accounts: AccountsPage,
  models: ModelsPage,
  projects: ProjectsPage,
  requests: RequestsPage,
  connect: ConnectPage,
  settings: SettingsPage,
};
