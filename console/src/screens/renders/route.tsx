import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { words } from '../../i18n/i18n.ts';
import { shell } from '../../shell/route.tsx';

const shared = { getParentRoute: () => shell, ...words((language) => import(`./locales/${language}.po`)) };

export const renders = createRoute({ ...shared, path: '/renders', component: lazyRouteComponent(() => import('./Renders.tsx'), 'Renders') });
export const renderOf = createRoute({ ...shared, path: '/renders/$id', component: lazyRouteComponent(() => import('./Render.tsx'), 'Render') });
