import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { words } from '../../i18n/i18n.ts';
import { shell } from '../../shell/route.tsx';

const shared = { getParentRoute: () => shell, ...words((language) => import(`./locales/${language}.po`)) };

export const developer = createRoute({ ...shared, path: '/developer', component: lazyRouteComponent(() => import('./Developer.tsx'), 'Developer') });
