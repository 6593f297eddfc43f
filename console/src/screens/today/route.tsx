import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { words } from '../../i18n/i18n.ts';
import { shell } from '../../shell/route.tsx';

/** The channel that was connected just now. */
const validateSearch = ({ connected }: Record<string, unknown>): { connected?: string } => (typeof connected === 'string' ? { connected } : {});

const shared = { getParentRoute: () => shell, ...words((language) => import(`./locales/${language}.po`)) };

export const today = createRoute({ ...shared, path: '/dashboard', validateSearch, component: lazyRouteComponent(() => import('./Today.tsx'), 'Today') });
