import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { words } from '../../i18n/i18n.ts';
import { shell } from '../../shell/route.tsx';

const shared = { getParentRoute: () => shell, ...words((language) => import(`./locales/${language}.po`)) };

export interface ChannelsSearch {
  /** The channel that was just connected. */
  connected?: string;
  channel?: string;
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
const validateSearch = (search: Record<string, unknown>): ChannelsSearch => ({ connected: text(search.connected), channel: text(search.channel) });

export const channels = createRoute({ ...shared, path: '/channels', validateSearch, component: lazyRouteComponent(() => import('./Channels.tsx'), 'Channels') });
export const channelOf = createRoute({ ...shared, path: '/channels/$id', validateSearch, component: lazyRouteComponent(() => import('./Channel.tsx'), 'Channel') });
