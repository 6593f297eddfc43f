import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { words } from '../../i18n/i18n.ts';
import { root } from '../../shell/route.tsx';

export const connected = createRoute({
  getParentRoute: () => root,
  ...words((language) => import(`./locales/${language}.po`)),
  path: '/connected',
  component: lazyRouteComponent(() => import('./Connected.tsx'), 'Connected'),
});
