import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { words } from '../../i18n/i18n.ts';
import { shell } from '../../shell/route.tsx';
import { readSearch } from './search.ts';

export const calendar = createRoute({
  getParentRoute: () => shell,
  ...words((language) => import(`./locales/${language}.po`)),
  path: '/calendar',
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import('./Calendar.tsx'), 'Calendar'),
});
