import { Trans, useLingui } from '@lingui/react/macro';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { ChannelSwitch } from '../channels/ChannelSwitch.tsx';
import { Icon } from '../components/Icon.tsx';
import { Toasts } from '../components/Toasts.tsx';
import { useSession } from '../session/session.ts';
import { OfflineNote } from './OfflineNote.tsx';
import { PLACES } from './places.ts';
import styles from './Shell.module.css';
import { useShortcuts } from './useShortcuts.ts';
import { Who } from './Who.tsx';

const Palette = lazy(() => import('./Palette.tsx'));
const ShortcutList = lazy(() => import('./ShortcutList.tsx'));
const SignInAgain = lazy(() => import('../session/SignInAgain.tsx'));

/** What stands around every screen. */
export function Shell() {
  const { i18n, t } = useLingui();
  const session = useSession();
  const navigate = useNavigate();
  const [shown, setShown] = useState<'keys' | 'palette'>();
  const isOperator = session.is !== 'out' && session.person.isOperator;
  const places = useMemo(() => PLACES.filter((place) => isOperator || !place.operatorsOnly), [isOperator]);
  useShortcuts(places, setShown);

  useEffect(() => {
    if (session.is === 'out') void navigate({ to: '/sign-in', search: {}, replace: true });
  }, [session.is, navigate]);

  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        <Trans>Skip to the content</Trans>
      </a>
      <header className={styles.bar}>
        <Link to="/dashboard" className={styles.brand}>
          <span className={styles.sign}>
            <Icon name="spark" size={18} />
          </span>
          <span translate="no" className={styles.name}>
            Content Catalyst
          </span>
        </Link>
        <span className={styles.middle}>
          <ChannelSwitch />
        </span>
        <Who />
      </header>
      <nav className={styles.places} aria-label={t`Screens`}>
        <ul>
          {places.map((place) => (
            <li key={place.to}>
              <Link to={place.to} className={styles.place} activeProps={{ 'aria-current': 'page' }}>
                <Icon name={place.icon} />
                <span>{i18n._(place.name)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main id="main" tabIndex={-1} className={styles.main}>
        <OfflineNote />
        <Outlet />
      </main>
      <Toasts />
      <Suspense>
        {shown === 'keys' ? <ShortcutList places={places} onClose={() => setShown(undefined)} /> : null}
        {shown === 'palette' ? <Palette places={places} onClose={() => setShown(undefined)} /> : null}
        {session.is === 'ended' ? <SignInAgain email={session.person.email} /> : null}
      </Suspense>
    </div>
  );
}
