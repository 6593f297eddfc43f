import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { ApiUsage, ServiceStatus } from 'content-catalyst-sdk';
import { healthQuery } from '../../api/operator.ts';
import { Badge, type Tone } from '../../components/Badge.tsx';
import { whole } from '../../i18n/numbers.ts';
import styles from './Operator.module.css';

const WORDS: Record<ServiceStatus, [Tone, MessageDescriptor]> = {
  healthy: ['good', msg`Healthy`],
  degraded: ['warn', msg`Degraded`],
  unhealthy: ['bad', msg`Unhealthy`],
  unknown: ['plain', msg`Not called lately`],
  not_configured: ['plain', msg`Not set up`],
};

const NAMES: Record<string, string> = { youtube: 'YouTube', gemini: 'Gemini', revid: 'RevID', google_oauth: 'Google' };

/** The services outside: how they are, and what they did in 24 hours. */
export function Providers({ usage }: { usage: ApiUsage }) {
  const { i18n } = useLingui();
  const states = useQuery(healthQuery).data?.services.external_apis as Record<string, { status: ServiceStatus }> | undefined;
  const names = [...new Set([...Object.keys(states ?? {}), ...Object.keys(usage.providers)])];
  return (
    <section className={`card ${styles.section}`} aria-labelledby="providers">
      <h2 id="providers">
        <Trans>Outside services, in 24 hours</Trans>
      </h2>
      <div className={styles.scroll} tabIndex={0} role="group" aria-labelledby="providers">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">
                <Trans>Service</Trans>
              </th>
              <th scope="col">
                <Trans>State</Trans>
              </th>
              <th scope="col">
                <Trans>Calls</Trans>
              </th>
              <th scope="col">
                <Trans>Failed</Trans>
              </th>
              <th scope="col">
                <Trans>Average</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => {
              const used = usage.providers[name];
              const state = states?.[name]?.status;
              return (
                <tr key={name}>
                  <th scope="row">{NAMES[name] ?? name}</th>
                  <td>{state ? <Badge tone={WORDS[state][0]}>{i18n._(WORDS[state][1])}</Badge> : '–'}</td>
                  <td>{whole(used?.calls ?? 0)}</td>
                  <td>{whole(used?.errors ?? 0)}</td>
                  <td>{used ? `${whole(used.average_ms)} ms` : '–'}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
