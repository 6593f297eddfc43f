import './screens/connected/brought.ts';
import './styles/tokens.css';
import './styles/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { keepCache } from './api/keep.ts';
import { startLanguage } from './i18n/i18n.ts';
import { loadConfig } from './session/config.ts';
import { currentSession, openSession, signInService } from './session/session.ts';
import { CannotStart } from './shell/CannotStart.tsx';

const page = createRoot(document.getElementById('root') as HTMLElement);

/** Who is signed in, and what this browser kept of their last visit. */
async function open() {
  openSession(await loadConfig());
  await keepCache();
}

async function start() {
  const [, opened] = await Promise.allSettled([startLanguage(), open()]);
  if (opened.status === 'rejected') return page.render(<CannotStart error={opened.reason} again={() => void start()} />);
  page.render(<App />);
  // Renews the session in time, and hears of other tabs.
  if (currentSession().is === 'in') setTimeout(() => void signInService(), 3000);
}

void start();
