import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { words } from '../../i18n/i18n.ts';
import { shell } from '../../shell/route.tsx';
import { readFilters } from './filters.ts';

const shared = { getParentRoute: () => shell, ...words((language) => import(`./locales/${language}.po`)) };

export const results = createRoute({ ...shared, path: '/results', validateSearch: readFilters, component: lazyRouteComponent(() => import('./Results.tsx'), 'Results') });
export const video = createRoute({ ...shared, path: '/results/$video', component: lazyRouteComponent(() => import('./Video.tsx'), 'Video') });
