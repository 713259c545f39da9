// Entry of the GUI: opens the line to the engine and draws the application into the page.
import './lib/zod-setup.ts';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createClient } from './lib/client.ts';
import { openContract } from './lib/use-contract.ts';

const access = openContract(createClient());
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App access={access} />
    </StrictMode>,
  );
}
