import { Skeleton } from '../../components/Skeleton.tsx';
import styles from './Results.module.css';

/** Keeps the room of the filters, the chart and the list. */
export const Waiting = () => (
  <div className="stack">
    <div className={styles.filtersRoom}>
      <Skeleton lines={1} />
    </div>
    <div className={`card ${styles.chartRoom}`} />
    <Skeleton lines={5} tall />
  </div>
);
