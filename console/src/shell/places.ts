// The screens that people go to, each with its letter: G, then that letter, from anywhere.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { IconName } from '../components/Icon.tsx';

export interface Place {
  to: '/dashboard' | '/results' | '/content' | '/renders' | '/calendar' | '/channels' | '/developer' | '/operator' | '/account';
  letter: string;
  icon: IconName;
  name: MessageDescriptor;
  operatorsOnly?: boolean;
}

export const PLACES: readonly Place[] = [
  { to: '/dashboard', letter: 't', icon: 'today', name: msg`Today` },
  { to: '/results', letter: 'r', icon: 'results', name: msg`Results` },
  { to: '/content', letter: 'c', icon: 'create', name: msg`Create` },
  { to: '/renders', letter: 'f', icon: 'renders', name: msg`Renders` },
  { to: '/calendar', letter: 'k', icon: 'calendar', name: msg`Calendar` },
  { to: '/channels', letter: 'h', icon: 'channels', name: msg`Channels` },
  { to: '/developer', letter: 'd', icon: 'developer', name: msg`Developer` },
  { to: '/operator', letter: 'o', icon: 'operator', name: msg`Operator`, operatorsOnly: true },
  { to: '/account', letter: 'a', icon: 'account', name: msg`Account` },
];
