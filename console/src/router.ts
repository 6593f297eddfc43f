// Every screen and its address.

import { createRouter } from '@tanstack/react-router';
import { account } from './screens/account/route.tsx';
import { calendar } from './screens/calendar/route.tsx';
import { channelOf, channels } from './screens/channels/route.tsx';
import { connected } from './screens/connected/route.tsx';
import { create, piece } from './screens/create/route.tsx';
import { developer } from './screens/developer/route.tsx';
import { operator } from './screens/operator/route.tsx';
import { renderOf, renders } from './screens/renders/route.tsx';
import { results, video } from './screens/results/route.tsx';
import { reset, signIn, signUp } from './screens/sign-in/route.tsx';
import { today } from './screens/today/route.tsx';
import { Broken } from './shell/Broken.tsx';
import { Lost } from './shell/Lost.tsx';
import { root, shell } from './shell/route.tsx';

const screens = [today, results, video, create, piece, renders, renderOf, calendar, channels, channelOf, developer, operator, account] as const;

export const router = createRouter({
  routeTree: root.addChildren([signIn, signUp, reset, connected, shell.addChildren(screens)]),
  context: {},
  defaultPreload: 'intent',
  defaultErrorComponent: Broken,
  defaultNotFoundComponent: Lost,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
