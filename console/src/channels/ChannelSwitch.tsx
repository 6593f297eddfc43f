import { useLingui } from '@lingui/react/macro';
import styles from './ChannelSwitch.module.css';
import { useChannel } from './useChannel.ts';

/** Says which channel the screens are about, and changes it. */
export function ChannelSwitch() {
  const { t } = useLingui();
  const { channels, channel, choose } = useChannel();
  if (!channel) return null;
  if (channels.length === 1) return <span className={styles.only}>{channel.title}</span>;
  return (
    <select className={styles.select} aria-label={t`Channel`} value={channel.id} onChange={(event) => choose(event.target.value)}>
      {channels.map(({ id, title }) => (
        <option key={id} value={id}>
          {title}
        </option>
      ))}
    </select>
  );
}
