import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { words } from '../../i18n/i18n.ts';
import { shell } from '../../shell/route.tsx';

const shared = { getParentRoute: () => shell, ...words((language) => import(`./locales/${language}.po`)) };

export const channels = createRoute({ ...shared, path: '/channels', component: lazyRouteComponent(() => import('./Channels.tsx'), 'Channels') });
export const channelOf = createRoute({ ...shared, path: '/channels/$id', component: lazyRouteComponent(() => import('./Channel.tsx'), 'Channel') });
