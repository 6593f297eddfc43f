import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { words } from '../../i18n/i18n.ts';
import { shell } from '../../shell/route.tsx';

const shared = { getParentRoute: () => shell, ...words((language) => import(`./locales/${language}.po`)) };

export const create = createRoute({ ...shared, path: '/content', component: lazyRouteComponent(() => import('./Create.tsx'), 'Create') });
export const piece = createRoute({ ...shared, path: '/content/$id', component: lazyRouteComponent(() => import('./Piece.tsx'), 'Piece') });
